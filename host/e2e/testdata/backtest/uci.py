#!/usr/bin/env python3
"""What 10 % off would have cost in the UCI year, on goods whose code begins with 85
of which at least six are bought.

Run it on transactions.csv.gz of the UCI Online Retail set. It shares nothing with
Bottega; TestBackTestUCI holds its figures against the back-test of the imported year.
Amounts are whole pence. Documents that take goods back, or charge less than nothing,
are left out. Equal goods at one price in one document count together.
"""
import csv
import gzip
import sys
from decimal import ROUND_HALF_UP, Decimal


def pence(amount):
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


documents = {}
with gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        documents.setdefault(row["InvoiceNo"], []).append(row)

receipts = left_out = touched = cost = revenue = 0
for rows in documents.values():
    if any(int(r["Quantity"]) <= 0 or Decimal(r["UnitPrice"]) < 0 for r in rows):
        left_out += 1
        continue
    receipts += 1
    lines = {}
    for r in rows:
        key = r["StockCode"], r["UnitPrice"]
        lines[key] = lines.get(key, 0) + int(r["Quantity"])
    off = sum(
        (pence(Decimal(price)) * quantity + 5) // 10
        for (code, price), quantity in lines.items()
        if code.startswith("85") and quantity >= 6
    )
    if off:
        touched += 1
        cost += off
        revenue += sum(pence(int(r["Quantity"]) * Decimal(r["UnitPrice"])) for r in rows)

print(f"receipts {receipts}, left out {left_out}, touched {touched}, cost {cost}, revenue {revenue}")
