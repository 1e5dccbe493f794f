// Uses the admin as a retailer does, in a real browser, and stops at the first
// thing that is not as it should be. admin_test.go starts it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const { BOTTEGA_URL: url, BOTTEGA_TOKEN: token, BOTTEGA_NAME: name, BOTTEGA_PASSWORD: first, CHROMIUM: executablePath, SHOTS: shots, BOTTEGA_LONG: long } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const password = 'a quiet harbour in november';

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Rome', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
context.setDefaultTimeout(8_000);
const page = await context.newPage();

const complaints = [];
// A page that asks who is there before somebody is gets an honest 401, and what
// this script provokes is no fault either.
const provoked = [/\/v1\/host\/me$/, /\/v1\/host\/sessions$/, /\/settings$/, /\/v1\/catalog\/put_entity$/];
page.on('console', (m) => {
  if (m.type() !== 'error' && !/Content Security Policy|Trusted Type/i.test(m.text())) return;
  if (/Failed to load resource/.test(m.text()) && provoked.some((p) => p.test(m.location().url))) return;
  complaints.push(`console: ${m.text()} (${m.location().url})`);
});
page.on('pageerror', (e) => complaints.push(`page: ${e.stack}`));
await context.exposeFunction('violated', (text) => complaints.push(`policy: ${text}`));
await context.addInitScript(() => {
  document.addEventListener('securitypolicyviolation', (e) => window.violated(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
});

let clean = 0;
// look has axe check the page as it is, and takes its picture if there is time.
async function look(shot) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }));
  const said = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.html.slice(0, 160)} ${n.any.map((a) => a.message)}`));
  assert.deepEqual(said, [], `axe on ${shot} at ${page.url()}`);
  assert.deepEqual(complaints, [], `complaints on ${shot} at ${page.url()}`);
  clean++;
  if (long) await page.screenshot({ path: `${shots}/admin-${shot}.png` });
}

const heading = (text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const press = (text) => page.getByRole('button', { name: text, exact: true }).click();
const fill = (label, value) => page.getByRole('textbox', { name: label, exact: true }).fill(value);
const follow = (text) => page.getByRole('navigation').getByRole('link', { name: text, exact: true }).click();
// A machine that never saw a module compiles it first, which may take a minute of a busy one.
const done = () => page.locator('[data-state=done]').waitFor({ timeout: 120_000 });

async function signIn(word) {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('User name').fill(name);
  await page.getByRole('textbox', { name: 'Password' }).fill(word);
  await press('Sign in');
}

// call runs an operation as the owner of the host does.
async function call(operation, input) {
  const answer = await ask('/v1/' + operation, { method: 'POST', body: JSON.stringify(input) });
  const body = await answer.json();
  assert.ok(answer.ok, `${operation}: ${JSON.stringify(body)}`);
  return body;
}

// set fills in a field, and adds the rows that it stands in.
async function set(pointer, value) {
  const parts = pointer.split('/');
  for (let i = 1; i < parts.length; i++) {
    if (/^\d+$/.test(parts[i]) && (await page.locator(`[data-pointer="${parts.slice(0, i + 1).join('/')}"]`).count()) === 0) {
      await page.locator(`[data-pointer="${parts.slice(0, i).join('/')}"] > div > div`).last().getByRole('button').click();
    }
  }
  const field = page.locator(`[data-pointer="${pointer}"]`);
  if (value === true) await field.check();
  else if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(value);
  else await field.fill(value);
}

// templates are the forms of promotions: what is filled in, and the effect that it makes.
const templates = [
  ['percent', 'Percentage', [['/effects/0/percent', '12.5']], { percent: 1250 }],
  ['amount', 'Amount off', [['/effects/0/amount/value', '10'], ['/effects/0/amount/allocation', 'across'], ['/effects/0/target', 'order']], { target: 'order', amount: { value: 1000, allocation: 'across' } }],
  ['price', 'Fixed price', [['/effects/0/price/value', '10,00'], ['/effects/0/price/of', 'group'], ['/effects/0/units/of', '3']], { units: { of: 3 }, price: { value: 1000, of: 'group' } }],
  ['n_for_m', 'n for m, cheapest free', [['/effects/0/buy_get/max_get', '2']], { buy_get: { buy_quantity: 2, get_quantity: 1, percent: 10000, max_get: 2 } }],
  ['buy_get', 'Buy X get Y', [['/effects/0/buy_get/buy/categories', 'shirts'], ['/effects/0/buy_get/get/skus', 'TIE-1\nTIE-2']], { buy_get: { buy_quantity: 1, buy: { categories: ['shirts'] }, get_quantity: 1, get: { skus: ['TIE-1', 'TIE-2'] }, percent: 10000 } }],
  ['bundle', 'Bundle price', [['/effects/0/bundle/parts/0/quantity', '1'], ['/effects/0/bundle/parts/0/goods/skus', 'CUP'], ['/effects/0/bundle/parts/1/quantity', '2'], ['/effects/0/bundle/parts/1/goods/categories', 'tea'], ['/effects/0/bundle/price', '19.90']],
    { bundle: { parts: [{ quantity: 1, goods: { skus: ['CUP'] } }, { quantity: 2, goods: { categories: ['tea'] } }], price: 1990 } }],
  ['tiers', 'Tiers by amount', [['/effects/0/tiers/steps/0/from', '50'], ['/effects/0/tiers/steps/0/percent', '5'], ['/effects/0/tiers/steps/1/from', '100'], ['/effects/0/tiers/steps/1/percent', '10']],
    { target: 'order', tiers: { by: 'amount', steps: [{ from: 5000, percent: 500 }, { from: 10000, percent: 1000 }] } }],
  ['tiers_units', 'Tiers by quantity', [['/effects/0/tiers/steps/0/from', '3'], ['/effects/0/tiers/steps/0/amount', '1.50']], { tiers: { by: 'quantity', steps: [{ from: 3, amount: 150 }] } }],
  ['gift', 'Gift', [['/effects/0/gift/sku', 'CAP'], ['/if/0/amount/min', '80']], { gift: { sku: 'CAP', quantity: 1 } }],
  ['shipping', 'Free shipping', [['/if/0/amount/min', '49.90']], { target: 'shipping', percent: 10000 }],
  ['points', 'Points multiplier', [['/effects/0/points', '200']], { points: 20000 }],
];

// manager is all that a form of a promotion has, and whole what it makes.
const manager = [
  ['/id', 'whole'], ['/name', 'Whole'], ['/effects/0/percent', '20'], ['/period/from', '2026-11-27T09:00'], ['/period/to', '2026-11-30T00:00'],
  ['/goods/categories', 'shirts\ncoats'], ['/goods/brands', 'alba'], ['/goods/skus', 'S-1'], ['/goods/tags', 'winter'], ['/except/skus', 'S-9'], ['/if/0/quantity/min', '2'],
  ['/for/stores', 'MI-01\nRM-01'], ['/for/channels', 'store'], ['/for/customer_groups', 'gold'],
  ['/hours/0/days', '5\n6'], ['/hours/0/hours/from', '17:00'], ['/hours/0/hours/to', '20:00'], ['/codes', 'AUTUMN'], ['/stacking/priority', '7'], ['/stacking/exclusive', 'goods'],
  ['/limits/cap', '30'], ['/limits/uses', '500'], ['/limits/uses_per_customer', '1'], ['/limits/budget', '10000'], ['/limits/overrun', 'partial'],
  ['/funding/0/supplier', 'rossi'], ['/funding/0/share', '50'], ['/announced', true], ['/note', 'Agreed with Rossi.'],
];
const whole = {
  id: 'whole', name: 'Whole', period: { from: '2026-11-27T08:00:00Z', to: '2026-11-29T23:00:00Z' }, hours: [{ days: [5, 6], hours: { from: '17:00', to: '20:00' } }],
  for: { stores: ['MI-01', 'RM-01'], channels: ['store'], customer_groups: ['gold'] }, not: {},
  goods: { skus: ['S-1'], brands: ['alba'], categories: ['shirts', 'coats'], tags: ['winter'] }, except: { skus: ['S-9'] }, if: [{ quantity: { min: 2 } }], codes: ['AUTUMN'],
  effects: [{ percent: 2000 }], stacking: { priority: 7, exclusive: 'goods' }, limits: { cap: 3000, uses: 500, uses_per_customer: 1, budget: 1000000, overrun: 'partial' },
  funding: [{ supplier: 'rossi', share: 5000 }], announced: true, note: 'Agreed with Rossi.',
};

// rich has what no form shows.
const rich = {
  id: 'rich', name: 'Rich', period: { to: '2099-01-01T00:00:00Z' }, currency: 'EUR', for: { tiers: ['gold'] }, not: { stores: ['RM-01'] },
  goods: { seasons: ['w26'], attributes: [{ name: 'colour', values: ['red'] }], price: { min: 1000 }, reduced: false }, except: { suppliers: ['rossi'] },
  if: [{ amount: { min: 5000 }, base: 'list', vat: 'net', goods: { lines: ['basic'] } }, { past_orders: { max: 0 } }], batches: ['b1'],
  effects: [
    { buy_get: { buy_quantity: 2, get_quantity: 1, get: { seasons: ['w26'] }, price: 100, once: true, buy_pick: 'in_order' }, except: { skus: ['X'] } },
    { target: 'shipping', amount: { value: 300 }, methods: ['dhl'] },
  ],
  stacking: { lane: 'post', group: 'g', group_mode: 'all', base: 'list' }, limits: { budget_per_store: 5000, keep_cancelled: true }, floor: { margin: 1000 },
};

const steps = {
  async 'a door, and a first password'() {
    await page.goto(url + '/admin/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await look('login');
    await signIn('not this one');
    await page.getByRole('alert').getByText('Name or password is wrong.').waitFor();
    await signIn(first);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    await look('password');
    await page.getByRole('textbox', { name: 'Present password' }).fill(first);
    await page.getByRole('textbox', { name: 'New password' }).fill(password);
    await press('Save');
    // The other sessions end; a host that keeps this one goes straight on.
    await page.getByRole('heading', { name: /^(Sign in|Apps)$/ }).first().waitFor();
    if (await page.getByRole('heading', { name: 'Sign in' }).isVisible()) await signIn(password);
    await heading('Apps');
    await page.getByText('Happy hour').first().waitFor();
    await look('apps-empty');
  },
  async 'the skip link is the first stop of the keyboard'() {
    await page.reload();
    await heading('Apps');
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content');
  },
  async 'a set by one click and a yes'() {
    await follow('Sets');
    await heading('Sets');
    await page.locator('[data-set=price-lists]').getByRole('link').waitFor();
    await look('sets');
    await page.locator('[data-set=price-lists]').getByRole('link').click();
    await page.getByRole('heading', { name: 'What will happen' }).waitFor();
    await look('plan-set');
    await press('Allow and go on');
    await done();
    await look('job');
  },
  async 'an app with consent'() {
    await page.getByRole('link', { name: 'To the apps' }).click();
    await heading('Apps');
    await page.locator('[data-app=pricing]').getByText('Enabled', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Enable: Happy hour' }).click();
    await heading('Enable Happy hour');
    await page.getByRole('heading', { name: 'What will happen' }).waitFor();
    await look('plan-app');
    await page.getByRole('button', { name: /^(Allow and go on|Go on)$/ }).click();
    await done();
    await page.getByRole('link', { name: 'Fill in the settings' }).click();
    await heading('Happy hour');
  },
  async 'its settings, with faults at their fields'() {
    await page.getByLabel('Discount').fill('lots');
    await press('Save');
    await page.getByText('This is no number of this kind.').waitFor();
    assert.equal(await page.getByLabel('Discount').getAttribute('aria-invalid'), 'true');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-pointer') === '/percent');
    await look('settings-fault');
    await page.getByLabel('Discount').fill('95');
    await press('Save');
    await page.getByText('At most 90.').waitFor();
    await page.getByLabel('Discount').fill('12,5');
    await fill('From', '14:00');
    await fill('To', '16:00');
    await page.getByLabel('Product lines').fill('basic\nluxe\n');
    await press('Save');
    await done();
    const kept = await ask('/v1/host/apps/happyhour/settings');
    assert.deepEqual((await kept.json()).values, { percent: 1250, hours: { from: '14:00', to: '16:00' }, lines: ['basic', 'luxe'] });
  },
  async 'somebody else was quicker'() {
    await page.goto(url + '/admin/apps/happyhour/settings');
    await page.waitForFunction(() => document.querySelector('[data-pointer="/percent"]')?.value === '12.50');
    const etag = (await ask('/v1/host/apps/happyhour/settings')).headers.get('etag');
    const put = await ask('/v1/host/apps/happyhour/settings', { method: 'PUT', headers: { 'If-Match': etag }, body: JSON.stringify({ values: { percent: 500 } }) });
    assert.equal(put.status, 202);
    await settled((await put.json()).id);
    await page.getByLabel('Discount').fill('30');
    await press('Save');
    await page.getByText('Somebody else changed these settings').waitFor();
    await look('settings-stale');
    await press('Load again');
    await page.waitForFunction(() => document.querySelector('[data-pointer="/percent"]')?.value === '5');
  },
  async 'a record made in a form appears in its table'() {
    await follow('Legal entities');
    await heading('Legal entities');
    await page.getByText('Nothing here yet.').waitFor();
    await page.getByRole('link', { name: 'Add' }).click();
    await heading('Legal entity');
    await press('Save');
    await page.getByText('This is needed.').first().waitFor();
    await fill('Code', 'emporio');
    await fill('Name', 'Emporio Demo Srl');
    await page.locator('[data-pointer="/country"]').fill('Italy');
    await press('Save');
    // What only the app can know comes back to the field that it is about.
    await page.locator('[data-pointer="/country"][aria-invalid=true]').waitFor();
    await look('form-fault');
    await page.locator('[data-pointer="/country"]').fill('IT');
    await press('Save');
    await heading('Legal entities');
    await page.getByRole('cell', { name: 'Emporio Demo Srl' }).waitFor();
    await page.getByRole('cell', { name: 'Italy' }).waitFor();
    await look('table-entities');
  },
  async 'an action changes a record'() {
    await follow('Promotions');
    await press('Add');
    await page.getByRole('menuitem', { name: 'Promotion: Percentage' }).click();
    await heading('Promotion: Percentage');
    await fill('Code', 'basic-20');
    await fill('Name', 'Basic less 20 %');
    await page.locator('[data-pointer="/period/from"]').fill('2026-11-01T00:00');
    await page.locator('[data-pointer="/period/to"]').fill('2026-12-01T00:00');
    await page.locator('[data-pointer="/effects/0/percent"]').fill('20');
    await look('form-promotion');
    await press('Save');
    await heading('Promotions');
    await page.getByRole('cell', { name: 'Draft' }).waitFor();
    await page.getByRole('cell', { name: '1 Nov 2026, 00:00' }).waitFor();
    await press('Publish');
    await page.getByRole('dialog').getByText('Publish it?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('cell', { name: 'Live' }).waitFor();
    await press('Pause');
    await page.getByRole('dialog').getByText('Pause it?').waitFor();
    await page.waitForTimeout(50);
    await look('confirm');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('cell', { name: 'Paused' }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await look('table-promotions');
  },
  async 'each common promotion has a form, which a row leads back to'() {
    for (const [kind, title, fields, effect] of templates) {
      await page.goto(`${url}/admin/screens/pricing/promotion_${kind}`);
      await heading('Promotion: ' + title);
      await page.locator('[data-pointer="/id"]').fill(kind);
      await page.locator('[data-pointer="/name"]').fill(title);
      for (const [pointer, value] of fields) await set(pointer, value);
      if (long || kind === 'bundle') await look('form-promotion-' + kind);
      await press('Save');
      await heading('Promotions');
      await page.getByRole('row', { name: title }).getByRole('link', { name: title, exact: true }).click();
      await heading('Promotion: ' + title);
      await page.waitForFunction((id) => document.querySelector('[data-pointer="/id"]')?.value === id, kind);
      assert.deepEqual((await call('pricing/promotion', { id: kind })).effects, [effect], kind);
    }
  },
  async 'a promotion with all that a web store manager knows'() {
    await page.goto(`${url}/admin/screens/pricing/promotion_percent`);
    await heading('Promotion: Percentage');
    for (const [pointer, value] of manager) await set(pointer, value);
    await look('form-promotion-whole');
    await press('Save');
    await heading('Promotions');
    const { version, state, changed, by, ...put } = await call('pricing/promotion', { id: 'whole' });
    assert.deepEqual(put, whole);
  },
  async 'what a form does not show survives it'() {
    await call('pricing/put_promotion', rich);
    const before = await call('pricing/promotion', { id: 'rich' });
    await page.goto(`${url}/admin/screens/pricing/promotions`);
    await page.getByRole('link', { name: 'Rich', exact: true }).click();
    await heading('Promotion: Buy X get Y');
    await page.waitForFunction(() => document.querySelector('[data-pointer="/id"]')?.value === 'rich');
    await page.locator('[data-pointer="/name"]').fill('Richer');
    await press('Save');
    await heading('Promotions');
    const after = await call('pricing/promotion', { id: 'rich' });
    for (const p of [before, after]) for (const own of ['version', 'changed', 'by', 'name']) delete p[own];
    assert.deepEqual(after, before);
  },
  async 'what is wrong with a promotion is one step from the list'() {
    await call('pricing/put_promotion', { ...rich, id: 'wrong', name: 'Wrong', period: { to: '2020-01-01T00:00:00Z' } });
    await page.goto(`${url}/admin/screens/pricing/promotions`);
    await page.getByRole('row', { name: 'Wrong' }).getByRole('link', { name: 'Check' }).click();
    await heading('Check of a promotion');
    await page.getByRole('cell', { name: 'Its period is over.' }).waitFor();
    await look('check-promotion');
    await page.goto(`${url}/admin/screens/pricing/promotions`);
    const row = page.getByRole('row', { name: 'Wrong' });
    await row.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText('warnings that nobody has accepted').waitFor();
    complaints.length = 0; // the refusal was asked for
    await page.waitForTimeout(50);
    await look('publish-refused');
    await page.getByRole('dialog').getByLabel('Warnings that you have read').fill('unreachable');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await row.getByRole('cell', { name: 'Live' }).waitFor();
    await row.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await row.getByRole('cell', { name: 'Ended' }).waitFor();
  },
  async 'clocks are those of the zone that is chosen'() {
    await page.goto(`${url}/admin/screens/pricing/promotion_amount`);
    await heading('Promotion: Amount off');
    for (const [pointer, value] of [['/id', 'zone'], ['/name', 'Zone'], ['/effects/0/amount/value', '5'], ['/period/from', '2026-03-29T02:30'], ['/period/to', '2026-10-25T02:30']]) await set(pointer, value);
    await page.getByLabel('Until: time zone').selectOption('America/New_York');
    await press('Save');
    await heading('Promotions');
    // In Rome there was no 02:30 on that night, and 03:00 came at 01:00 UTC.
    assert.deepEqual((await call('pricing/promotion', { id: 'zone' })).period, { from: '2026-03-29T01:00:00Z', to: '2026-10-25T06:30:00Z' });
  },
  async 'lists within lists, by keyboard alone'() {
    await page.goto(url + '/admin/screens/catalog/product');
    await heading('Product');
    await page.locator('fieldset', { has: page.getByText('Variants', { exact: true }) }).getByRole('button', { name: 'Add' }).press('Enter');
    await page.locator('[data-pointer="/variants/0/sku"]').fill('SHIRT-M');
    await page.locator('[data-pointer="/variants/0/barcodes"]').getByRole('button', { name: 'Add' }).press('Enter');
    await page.locator('[data-pointer="/variants/0/barcodes/0/gtin"]').fill('8001505005479');
    await look('form-lists');
    await page.locator('[data-pointer="/variants/0"] > div > div > button').last().press('Enter');
    await page.locator('[data-pointer="/variants/0/sku"]').waitFor({ state: 'detached' });
  },
  async 'filters stand in the address'() {
    await follow('Promotions');
    await heading('Promotions');
    await page.getByLabel('State').selectOption('live');
    await press('Filter');
    await page.getByText('No promotions.').waitFor();
    assert.match(page.url(), /\?state=live$/);
    await page.reload();
    await page.getByText('No promotions.').waitFor();
    assert.equal(await page.getByLabel('State').inputValue(), 'live');
    await page.goto(url + '/admin/screens/pricing/promotions?state=paused');
    await page.getByRole('link', { name: 'Basic less 20 %' }).click();
    await heading('Promotion: Percentage');
    await page.waitForFunction(() => document.querySelector('[data-pointer="/id"]')?.value === 'basic-20');
  },
  async 'an action view answers'() {
    await follow('What does it cost?');
    await heading('What does it cost?');
    await fill('Store', 'nowhere');
    await fill('SKUs', 'X');
    await press('Ask');
    await page.getByRole('alert').waitFor();
    complaints.length = 0; // the 404 was asked for
    await look('action');
  },
  async 'records as they are kept'() {
    await follow('Data');
    await heading('Data');
    await page.locator('main').getByRole('link', { name: 'promotions' }).waitFor();
    await look('data');
    await page.locator('main').getByRole('link', { name: 'promotions' }).click();
    await heading(/^promotions of/);
    await page.getByRole('cell', { name: 'basic-20', exact: true }).waitFor();
    await page.getByRole('row', { name: /basic-20/ }).getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('dialog').getByText('"state": "paused"').waitFor();
    await page.waitForTimeout(50);
    await look('record');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  },
  async 'in Italian, in the dark, on a telephone'() {
    await page.getByText('IT', { exact: true }).click();
    await follow('App');
    await page.getByRole('heading', { level: 1, name: 'App' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'it');
    await page.locator('[data-app=pricing]').getByText('Attiva', { exact: true }).waitFor();
    await look('apps-it');
    await page.emulateMedia({ colorScheme: 'dark' });
    await look('apps-dark');
    await follow('Promozioni');
    await page.getByRole('cell', { name: 'In pausa' }).waitFor();
    await look('table-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    await look('table-telephone');
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Negozi' }).waitFor();
    await look('menu-telephone');
    await page.setViewportSize({ width: 1280, height: 900 });
  },
  async 'disabling says what will happen'() {
    await page.goto(url + '/admin/apps/happyhour/plan?action=disable');
    await page.getByRole('heading', { name: 'Disattivare Ore tranquille' }).waitFor();
    await page.getByRole('button', { name: /^(Prosegui|Consenti e prosegui)$/ }).click();
    await done();
    await page.getByRole('link', { name: 'Alle app' }).click();
    await page.locator('[data-app=happyhour]').getByText('Disattivata').waitFor();
  },
  async 'who may only read sees no more'() {
    const role = await ask('/v1/host/roles', { method: 'POST', body: JSON.stringify({ id: 'reader', title: { it: 'Lettore', en: 'Reader' }, rights: ['pricing.read'] }) });
    assert.equal(role.status, 201, await role.text());
    const user = await ask('/v1/host/users', { method: 'POST', body: JSON.stringify({ name: 'ugo', title: 'Ugo', language: 'it', roles: ['reader'] }) });
    const { invitation } = await user.json();
    await press('Esci');
    await page.getByRole('heading', { name: 'Accedi' }).waitFor();
    await page.goto(`${url}/admin/invitation#${invitation}`);
    await page.getByRole('heading', { name: 'Scegli una password' }).waitFor();
    await page.getByRole('textbox', { name: 'Nuova password' }).fill(password);
    await press('Salva');
    await page.getByRole('heading', { name: /^(Accedi|Promozioni)$/ }).first().waitFor();
    if (await page.getByRole('heading', { name: 'Accedi' }).isVisible()) {
      await page.getByLabel('Nome utente').fill('ugo');
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await press('Accedi');
    }
    await page.getByRole('heading', { level: 1, name: 'Promozioni' }).waitFor();
    await page.getByRole('cell', { name: 'basic-20' }).waitFor();
    const links = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    assert.deepEqual(links.map((l) => l.trim()), ['Promozioni', 'Listini', 'Prezzi di un listino', 'Prove su scontrini passati', 'Parti date alle casse']);
    assert.equal(await page.getByRole('button', { name: 'Riprendi' }).count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Aggiungi' }).count(), 0);
    await look('reader');
  },
  async 'an address of nothing, and out'() {
    await page.goto(url + '/admin/nothing/here');
    await page.getByRole('heading', { level: 1, name: 'A questo indirizzo' }).waitFor();
    await press('Esci');
    await page.getByRole('heading', { name: 'Accedi' }).waitFor();
    assert.deepEqual(complaints, []);
  },
};

function ask(path, init = {}) {
  return fetch(url + path, { ...init, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), ...init.headers } });
}

async function settled(job) {
  for (let i = 0; i < 40; i++) {
    const j = await (await ask(`/v1/host/jobs/${job}?wait=10`)).json();
    if (j.state === 'done') return;
    assert.equal(j.state, 'running');
  }
  assert.fail('the job does not end');
}

const begun = performance.now();
for (const [what, step] of Object.entries(steps)) {
  const at = performance.now();
  try {
    await step();
  } catch (error) {
    await page.screenshot({ path: `${shots}/admin-failed.png` }).catch(() => undefined);
    console.error(`${what}: at ${page.url()}\n${error.stack ?? error}\n${complaints.join('\n')}\n${(await page.locator('main').innerText().catch(() => '')).slice(0, 1500)}`);
    await browser.close();
    process.exit(1);
  }
  console.log(`${Math.round(performance.now() - at)} ms  ${what}`);
}
console.log(`${Math.round(performance.now() - begun)} ms  in all, ${clean} pages clean under axe`);
await browser.close();
