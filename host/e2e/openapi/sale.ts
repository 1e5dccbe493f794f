// Sells one thing with a client whose types are those of the host's document:
// quote, close, close again with the same key, receipt. It ends with what was
// sold, or with what was refused.
import createClient from "openapi-fetch";

import type { paths } from "./api.js";

const { BOTTEGA_URL: baseUrl, BOTTEGA_TOKEN: token, BOTTEGA_STORE: store, BOTTEGA_SKU: sku } = process.env;
if (!baseUrl || !store || !sku) throw new Error("set BOTTEGA_URL, BOTTEGA_STORE and BOTTEGA_SKU; BOTTEGA_TOKEN if the host asks for one");

const bottega = createClient<paths>({ baseUrl, headers: token ? { Authorization: `Bearer ${token}` } : {} });

/** What was answered, or the problem as an error. */
function must<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const quote = must(await bottega.POST("/v1/pricing/quote", { body: { store, lines: [{ sku, quantity: 1 }] } }));

const sale = {
  params: { header: { "Idempotency-Key": `typescript-${crypto.randomUUID()}` } },
  body: {
    store,
    till: "ts",
    cashier: "anna",
    lines: [{ sku, quantity: 1 }],
    tenders: [{ type: "cash", amount: quote.total }],
    expected_total: quote.total,
  },
};
const closed = must(await bottega.POST("/v1/till/close", sale));
const again = await bottega.POST("/v1/till/close", sale);
if (must(again).id !== closed.id || again.response.headers.get("Idempotent-Replayed") !== "true") throw new Error("the same key sold twice");

const receipt = must(await bottega.GET("/v1/till/receipt", { params: { query: { receipt: closed.id } } }));
if (receipt.total !== quote.total) throw new Error(`quoted ${quote.total}, sold for ${receipt.total}`);

const refused = await bottega.POST("/v1/till/close", { ...sale, params: { header: { "Idempotency-Key": `${sale.params.header["Idempotency-Key"]}-2` } }, body: { ...sale.body, expected_total: 1 } });
if (refused.error?.reason !== "quote_changed") throw new Error(`another price was not refused: ${JSON.stringify(refused.error)}`);

console.log(JSON.stringify({ receipt: receipt.id, total: receipt.total }));
