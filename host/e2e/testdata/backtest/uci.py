#!/usr/bin/env python3
"""What 10 % off would have cost in the UCI year, on goods whose code begins with 85
of which at least six are bought.

Run it on transactions.csv.gz of the UCI Online Retail set. It shares nothing with
Bottega; TestBackTestUCI holds its figures against the back-test of the imported year.
Amounts are whole pence. Documents that take goods back, or charge less than nothing,
are left out. Equal goods at one price in one document count together.

What a document whose number begins with C takes back is taken for units of the newest
earlier document of the same customer with the same goods at the same price, then of the
one before it. Their part of the discount is no cost, and what was paid for them no
revenue; each pair of such documents is one more that is left out.
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

stacks, came_back, pairs = {}, {}, set()
for number, rows in documents.items():
    for r in rows:
        quantity = int(r["Quantity"])
        key = r["CustomerID"], r["StockCode"], r["UnitPrice"]
        if not r["CustomerID"] or not r["StockCode"].startswith("85"):
            continue
        stack = stacks.setdefault(key, [])
        if number.startswith("C"):
            left = -quantity
            while left > 0 and stack:
                sold, there = stack.pop()
                taken = min(left, there)
                left -= taken
                if there > taken:
                    stack.append((sold, there - taken))
                line = sold, r["StockCode"], r["UnitPrice"]
                came_back[line] = came_back.get(line, 0) + taken
                pairs.add((number, sold))
        elif quantity > 0:
            stack.append((number, quantity))

receipts = touched = cost = returned = revenue = 0
left_out = len(pairs)
for number, rows in documents.items():
    if any(int(r["Quantity"]) <= 0 or Decimal(r["UnitPrice"]) < 0 for r in rows):
        left_out += 1
        continue
    receipts += 1
    lines = {}
    for r in rows:
        key = r["StockCode"], r["UnitPrice"]
        lines[key] = lines.get(key, 0) + int(r["Quantity"])
    hit = False
    for (code, price), quantity in lines.items():
        if not code.startswith("85") or quantity < 6:
            continue
        off = (pence(Decimal(price)) * quantity + 5) // 10
        part = Decimal(off) * came_back.get((number, code, price), 0) / quantity
        gone = int(part.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        hit = hit or off > 0
        cost += off - gone
        returned += gone
    if hit:
        touched += 1
        revenue += sum(pence(int(r["Quantity"]) * Decimal(r["UnitPrice"])) for r in rows)
        revenue -= sum(n * pence(Decimal(price)) for (sold, _, price), n in came_back.items() if sold == number)

print(f"receipts {receipts}, left out {left_out}, touched {touched}, cost {cost}, returned {returned}, revenue {revenue}")
