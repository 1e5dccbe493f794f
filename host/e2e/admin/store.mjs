// Runs one day of a shop in the admin as who manages it does, in Italian, and stops at the
// first thing that is not as it should be. store_test.go starts it, with goods to sell.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const { BOTTEGA_URL: url, BOTTEGA_TOKEN: token, BOTTEGA_NAME: name, BOTTEGA_PASSWORD: first, BOTTEGA_DEVICES: devices, CHROMIUM: executablePath, SHOTS: shots, BOTTEGA_LONG: long } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const password = 'a quiet harbour in november';

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ locale: 'it-IT', timezoneId: 'Europe/Rome', viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' });
context.setDefaultTimeout(15_000);
const page = await context.newPage();
const complaints = [];
page.on('pageerror', (e) => complaints.push(e.stack));

// look has axe check the page as it is, and takes its picture if there is time.
async function look(shot) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }));
  assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.html.slice(0, 160)}`)), [], `axe on ${shot}`);
  assert.deepEqual(complaints, [], `complaints on ${shot}`);
  if (long) await page.screenshot({ path: `${shots}/admin-store-${shot}.png`, fullPage: true });
}

const screen = (id) => page.goto(`${url}/admin/screens/${id}`);
const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const press = (text) => page.getByRole('button', { name: text, exact: true }).click();
const dialog = () => page.getByRole('dialog');
const row = (text) => page.getByRole('row', { name: text });
const cell = (text) => page.getByRole('cell', { name: text, exact: true }).first().waitFor();

// call runs an operation as a till of the shop does.
async function call(operation, input) {
  const answer = await fetch(`${url}/v1/${operation}`, {
    method: 'POST', body: JSON.stringify(input),
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
  });
  const body = await answer.json();
  assert.ok(answer.ok, `${operation}: ${JSON.stringify(body)}`);
  return body;
}

// fill fills in fields by what they are in the input, and adds the rows that they stand in.
async function fill(fields, within = page) {
  for (const [pointer, value] of Object.entries(fields)) {
    const parts = pointer.split('/');
    for (let i = 1; i < parts.length; i++) {
      if (/^\d+$/.test(parts[i]) && (await within.locator(`[data-pointer="${parts.slice(0, i + 1).join('/')}"]`).count()) === 0) {
        await within.locator(`[data-pointer="${parts.slice(0, i).join('/')}"] > div > div`).last().getByRole('button').click();
      }
    }
    const field = within.locator(`[data-pointer="${pointer}"]`);
    if (value === true) await field.check();
    else if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
}

// until asks again until an answer is what is waited for.
async function until(what, ask) {
  for (let i = 0; i < 150; i++) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((later) => setTimeout(later, 100));
  }
  assert.fail(`never ${what}`);
}

// authorised has the terminal of a till hold an amount.
async function authorised(amount) {
  const { id } = await call('till/authorise', { store: 'S2', till: '1', key: crypto.randomUUID(), amount, currency: 'EUR' });
  await until('authorised', async () => (await call('till/payment', { payment: id })).state === 'authorised');
  return id;
}

// told is what a device is told by who stands beside it.
async function told(method, body) {
  const answer = await fetch(devices + '/faults', { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, await answer.text());
}

const at = { '/store': 'S1', '/till': '1', '/cashier': 'anna' };

const steps = {
  async 'signed in'() {
    await page.goto(url + '/admin/');
    for (const word of [first, password]) {
      await page.getByRole('heading', { name: /^(Accedi|Sign in)$/ }).waitFor();
      await page.getByLabel(/Nome utente|User name/).fill(name);
      await page.getByRole('textbox', { name: 'Password' }).fill(word);
      await page.getByRole('button', { name: /^(Accedi|Sign in)$/ }).click();
      if (word === password) break;
      await page.getByRole('heading', { name: /Scegli una password|Choose a password/ }).waitFor();
      await page.getByRole('textbox', { name: /attuale|Present/ }).fill(first);
      await page.getByRole('textbox', { name: /Nuova|New/ }).fill(password);
      await page.getByRole('button', { name: /Salva|Save/ }).click();
      await page.getByRole('heading', { name: /^(Accedi|Sign in|App|Apps)$/ }).first().waitFor();
      if ((await page.getByRole('heading', { name: /^(Accedi|Sign in)$/ }).count()) === 0) break;
    }
    await page.getByRole('heading', { level: 1, name: /^Apps?$/ }).waitFor();
  },
  async 'a till is opened'() {
    await screen('till/session_open');
    await heading('Apri la cassa');
    await fill({ ...at, '/float': '100,00' });
    await press('Salva');
    await screen('till/sessions?store=S1');
    await row('anna').getByRole('cell', { name: '100,00 €' }).waitFor();
    await look('sessions');
  },
  async 'a receipt shows goods, tenders and VAT'() {
    const sale = await call('till/close', { store: 'S1', till: '1', cashier: 'anna', lines: [{ sku: 'SCARF', quantity: 2 }], tenders: [{ type: 'card', amount: 1000 }, { type: 'cash', amount: 2000 }] });
    assert.equal(sale.total, 2500);
    await screen('till/receipts?store=S1');
    await page.getByRole('link', { name: 'S1/1/1', exact: true }).click();
    await heading('Scontrino');
    for (const text of ['S1/1/1']) await page.getByRole('heading', { level: 2, name: text }).waitFor();
    for (const text of ['SCARF', 'Contanti', 'Carta', '22%']) await cell(text);
    await look('receipt');
  },
  async 'a scarf comes back'() {
    await screen('till/return');
    await heading('Reso');
    await fill({ '/receipt': 'S1/1/1', ...at, '/reason': 'colore', '/lines/0/line': '1', '/lines/0/quantity': '1' });
    await look('return');
    await press('Registra il reso');
    await cell('S1/1/2');
    await cell('-12,50');
    await look('returned');
  },
  async 'the other scarf is exchanged for socks'() {
    await screen('till/exchange');
    await heading('Cambio');
    await fill({ '/return/receipt': 'S1/1/1', '/return/reason': 'regalo doppio', '/return/lines/0/line': '1', '/return/lines/0/quantity': '1' });
    await fill({ '/sale/store': 'S1', '/sale/till': '1', '/sale/cashier': 'anna', '/sale/lines/0/sku': 'SOCKS', '/sale/lines/0/quantity': '1' });
    await press('Registra il cambio');
    for (const text of ['S1/1/3', 'S1/1/4', '6,99']) await cell(text);
    await look('exchanged');
  },
  async 'without a receipt it is a return voucher, whose code is shown this once'() {
    await screen('till/unreceipted');
    await fill({ ...at, '/reason': 'regalo', '/lines/0/sku': 'SOCKS', '/lines/0/quantity': '1' });
    await press('Registra il reso');
    await page.getByRole('heading', { name: 'Da stampare: si vede solo adesso' }).waitFor();
    await cell('Buono di reso');
    const code = await page.getByRole('cell', { name: /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/ }).innerText();
    assert.equal((await call('vouchers/balance', { code })).balance, 699);
    await look('voucher');
  },
  async 'the drawer is counted, and the day closed'() {
    await screen('till/sessions?store=S1');
    await press('Conta e chiudi');
    await fill({ '/cashier': 'anna', '/counted/0/type': 'cash', '/counted/0/amount': '115,00' }, dialog());
    await look('count');
    await dialog().getByRole('button', { name: 'Conta e chiudi' }).click();
    await cell('Chiusa');
    await screen('till/close_day');
    await heading('Chiudi la giornata (Z)');
    await fill(at);
    await press('Salva');
    await screen('till/day_closes?store=S1');
    await page.getByRole('link', { name: 'S1/1/Z1' }).click();
    await heading('Chiusura di giornata (Z)');
    await page.getByRole('heading', { name: 'Per tipo di pagamento' }).waitFor();
    for (const text of ['Contanti', 'Carta', 'Buono di reso']) await cell(text);
    await page.getByRole('heading', { name: 'Per aliquota IVA' }).waitFor();
    await look('day-close');
  },
  async 'goods are put aside, and given back'() {
    await screen('stock/reservations');
    await page.getByRole('link', { name: 'Aggiungi' }).click();
    await heading('Metti da parte');
    await fill({ '/store': 'S1', '/name': 'Ada Bianchi', '/lines/0/sku': 'COAT', '/lines/0/quantity': '1', '/minutes': '60' });
    await press('Salva');
    await heading('Prenotazioni');
    await row('Ada Bianchi').getByText('Aperta').waitFor();
    await look('reservations');
    await row('Ada Bianchi').getByRole('button', { name: 'Annulla la prenotazione' }).click();
    await dialog().getByRole('button', { name: 'Annulla la prenotazione' }).click();
    await row('Ada Bianchi').getByText('Annullata').waitFor();
  },
  async 'goods travel under a transport document'() {
    await screen('stock/transfers');
    await page.getByRole('link', { name: 'Aggiungi' }).click();
    await heading('Chiedi merce');
    await fill({ '/from': 'S1-floor', '/to': 'S2-floor', '/lines/0/sku': 'COAT', '/lines/0/quantity': '2' });
    await press('Salva');
    await heading('Trasferimenti');
    await look('transfers');
    await page.getByRole('link', { name: 'Spedisci' }).click();
    await heading('Spedisci');
    await fill({ '/carrier': 'Corriere Rossi', '/parcels': '1' });
    await press('Emetti il DDT');
    await heading('Trasferimenti');
    await row('S1-floor').getByText('In viaggio').waitFor();
    await page.getByRole('link', { name: 'Ricevi' }).click();
    await heading('Ricevi un trasferimento');
    await fill({ '/document': 'arrivo 1', '/lines/0/sku': 'COAT', '/lines/0/quantity': '2', '/last': true });
    await press('Ricevi');
    await heading('Trasferimenti');
    await row('S1-floor').getByText('Chiuso').waitFor();
    await look('transfer-closed');
  },
  async 'a gift card is issued, topped up, blocked, and has a new PIN'() {
    await screen('vouchers/issue');
    await heading('Emetti carte');
    await fill({ '/kind': 'safe', '/amount': '50,00', '/document': 'fattura 7' });
    await press('Emetti');
    await page.getByRole('cell', { name: /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/ }).waitFor();
    await look('issued');
    await screen('vouchers/cards');
    const card = row(/safe/);
    await card.getByRole('button', { name: 'Ricarica' }).click();
    await fill({ '/amount': '10,00', '/document': 'scontrino 9' }, dialog());
    await dialog().getByRole('button', { name: 'Ricarica' }).click();
    await card.getByText('60,00 €').first().waitFor();
    await card.getByRole('button', { name: 'Blocca' }).click();
    await fill({ '/reason': 'smarrita' }, dialog());
    await dialog().getByRole('button', { name: 'Blocca' }).click();
    await card.getByText('Bloccata').waitFor();
    await look('cards');
    await card.getByRole('link', { name: 'Nuovo PIN' }).click();
    await heading('Nuovo PIN');
    await press('Nuovo PIN');
    await dialog().getByRole('button', { name: 'Nuovo PIN' }).click();
    await page.getByRole('cell', { name: /^\d{6}$/ }).waitFor();
    await look('new-pin');
    await screen('vouchers/liability');
    await cell('60,00 €');
    await look('liability');
  },
  async 'a price list has another name, and its prices still'() {
    await screen('pricing/lists');
    await row('retail').getByRole('link', { name: 'Modifica' }).click();
    await heading('Listino');
    await fill({ '/name': 'Al pubblico' });
    await look('price-list');
    await press('Salva');
    await heading('Listini');
    await row('Al pubblico').waitFor();
    assert.equal((await call('pricing/price', { store: 'S2', skus: ['SCARF'] })).prices[0].amount, 1250);
  },
  async 'a receipt that found no paper is printed again'() {
    await told('POST', { device: 'S2-1', action: 'documents', fault: 'paper' });
    const payment = await authorised(1250);
    const sale = await call('till/close', { store: 'S2', till: '1', cashier: 'anna', lines: [{ sku: 'SCARF', quantity: 1 }], tenders: [{ type: 'card', amount: 1250, payment }] });
    await until('stuck', async () => (await call('till/fiscal_jobs', { store: 'S2' })).jobs?.some((j) => j.state === 'stuck'));
    await screen('till/fiscal_jobs?store=S2');
    await row(sale.id).getByText('Manca la carta').waitFor();
    await look('no-paper');
    await told('DELETE');
    await row(sale.id).getByRole('button', { name: 'Stampa di nuovo' }).click();
    await page.getByText('È tutto fiscalizzato.').waitFor();
    await screen('till/receipts?store=S2');
    const saved = page.waitForEvent('download');
    await row(sale.id).getByRole('button', { name: 'PDF', exact: true }).click();
    assert.equal(readFileSync(await (await saved).path()).subarray(0, 5).toString(), '%PDF-');
  },
  async 'a payment that nobody wants is let go'() {
    await authorised(699);
    await screen('till/payments?store=S2');
    const payment = row('6,99');
    await payment.getByText('Autorizzato, senza vendita').waitFor();
    await look('payments');
    await payment.getByRole('button', { name: 'Libera' }).click();
    await dialog().getByRole('button', { name: 'Libera' }).click();
    await payment.waitFor({ state: 'detached' });
  },
};

for (const [what, step] of Object.entries(steps)) {
  const begun = performance.now();
  try {
    await step();
  } catch (error) {
    await page.screenshot({ path: `${shots}/admin-store-failed.png`, fullPage: true }).catch(() => undefined);
    console.error(`${what}: at ${page.url()}\n${error.stack ?? error}\n${complaints.join('\n')}\n${(await page.locator('main').innerText().catch(() => '')).slice(0, 1500)}`);
    await browser.close();
    process.exit(1);
  }
  console.log(`${Math.round(performance.now() - begun)} ms  ${what}`);
}
await browser.close();
