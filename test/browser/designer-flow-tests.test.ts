/** Flow tests as an engineer uses them: made of what really happened, kept, run before a deploy, and passed over with a reason. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlowNode, getFlowTestRule, getRun, listFlowTests, listRuns, listVersions, removeFlowTest, setFlowTestRule } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

/** What the shop's stock answers; only ever asked by the flow that really runs. */
const erp = createServer((_request, response) => {
  asked += 1
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=secret' }).end(JSON.stringify({ stock: 7, part: 'Plate' }))
})
let asked = 0

const flows = (port: number): FlowNode[] => [
  { id: 'tab', type: 'tab', label: 'Stock' },
  node('order', 'inject', 120, 100, ['ask'], {
    name: 'Order comes in',
    props: [{ p: 'payload' }],
    payload: '{"part":"Plate"}',
    payloadType: 'json',
    once: true,
    onceDelay: 0.1,
    repeat: '',
    crontab: '',
    topic: '',
  }),
  node('ask', 'http request', 320, 100, ['enough'], {
    name: 'Ask the stock',
    method: 'POST',
    ret: 'obj',
    paytoqs: 'ignore',
    url: `http://127.0.0.1:${port}/stock`,
    tls: '',
    persist: false,
    proxy: '',
    insecureHTTPParser: false,
    authType: '',
    senderr: false,
    headers: [],
  }),
  {
    ...node('enough', 'switch', 520, 100, [], {
      name: 'Enough?',
      property: 'payload.stock',
      propertyType: 'msg',
      rules: [{ t: 'gte', v: '5', vt: 'num' }, { t: 'else' }],
      checkall: 'true',
      repair: false,
      outputs: 2,
    }),
    wires: [['good'], ['short']],
  },
  node('good', 'debug', 200, 200, [], { name: 'Enough there', active: true, tosidebar: true, console: false, tostatus: false, complete: 'false' }),
  node('short', 'debug', 400, 200, [], { name: 'Too little', active: true, tosidebar: true, console: false, tostatus: false, complete: 'false' }),
]

describe.skipIf(!chromiumPath)('flow tests in a browser (needs Chromium or Chrome)', { timeout: 90_000 }, () => {
  let designer: Designer
  let page: Page
  let runId = ''
  let askedBefore = 0
  const tests = async () => (await designer.client.call(listFlowTests, {})).filter(({ flowId }) => flowId === 'tab')
  const axe = async () => (await violationsOf(page)).filter((each) => /rehears|deploy-test|mantine-Modal/.test(each))

  beforeAll(async () => {
    await new Promise<void>((resolve) => erp.listen(0, '127.0.0.1', resolve))
    const { port } = erp.address() as AddressInfo
    designer = await openDesigner({ flows: flows(port) })
    ;({ page } = designer)
    // of flows of others that had the same id
    for (const { id } of await tests()) await designer.client.call(removeFlowTest, { params: { testId: id } })
    // what a busy computer has no time to copy the history does not keep: then the flow runs once more
    for (let tries = 0; runId === '' && tries < 8; tries += 1) {
      if (tries > 0) await designer.deploy(flows(port))
      const known = tries
      const last = await until('a run that ended', 20_000, async () => {
        // flows of other files that had this product have the same id
        const runs = (await designer.client.call(listRuns, { query: { limit: 50, flowId: 'tab' } })).filter(({ trigger }) => trigger.nodeId === 'order')
        return runs.length > known && runs[0]?.state !== 'active' ? runs[0] : undefined
      })
      const { detail } = await designer.client.call(getRun, { params: { runId: last.id } })
      if (detail.length === 4 && detail.every(({ message }) => message !== undefined)) runId = last.id
    }
    expect(runId).not.toBe('')
    askedBefore = asked
  }, 120_000)
  afterAll(async () => {
    await shot(page, 'flow-tests-end')
    erp.close()
    // others borrow this product
    for (const { id } of designer ? await tests() : []) await designer.client.call(removeFlowTest, { params: { testId: id } })
    await designer?.client.call(setFlowTestRule, { body: { shop: false, flowIds: [] } })
    await designer?.close()
  })

  it('an outside call is answered as it really was in an earlier run, and says so', async () => {
    await page.getByTestId('canvas').click({ position: { x: 300, y: 400 } })
    await page.keyboard.press('Alt+r')
    const answers = page.getByTestId('rehearsal-answers-ask')
    await answers.getByText('No answer yet').waitFor()
    await answers.getByRole('button', { name: 'Give an answer for Ask the stock' }).click()
    await page.getByTestId('rehearsal-answer-recorded').click()
    const dialog = page.getByTestId('rehearsal-recorded')
    await dialog.getByTestId('rehearsal-recorded-one').first().getByText('headers.set-cookie').waitFor()
    expect(await axe()).toEqual([])
    await shot(page, 'flow-tests-recorded')
    await dialog.getByTestId('rehearsal-take').first().click()
    await answers.getByTestId('rehearsal-source-recorded').waitFor()
    await shot(page, 'flow-tests-answers')
    await page.getByTestId('rehearsal-go').click()
    const call = page.getByTestId('rehearsal-call').filter({ hasText: '/stock' })
    await call.getByTestId('rehearsal-source-recorded').waitFor({ timeout: 60_000 })
    await page.getByTestId('rehearsal-missed').getByText('Too little').waitFor()
    expect(asked).toBe(askedBefore)
    expect(await axe()).toEqual([])
  })

  it('a case of a real run takes over what began it and what was answered; it is kept with one press', async () => {
    await page.goto(`${designer.client.access.url}/runs#${runId}`)
    await page.getByTestId('make-test').click()
    await page.getByTestId('rehearsal-of-run').waitFor()
    await page.locator('[data-testid=rehearsal-step-0][data-do=send]').getByTestId('rehearsal-source-recorded').waitFor()
    await page.getByTestId('rehearsal-answers-ask').getByTestId('rehearsal-source-recorded').waitFor()
    await shot(page, 'flow-tests-of-run')
    await page.getByTestId('rehearsal-go').click()
    await page.getByTestId('rehearsal-keep-now').click({ timeout: 60_000 })
    await page.getByTestId('rehearsal-tests').waitFor()
    const [kept] = await until('a kept test', 20_000, async () => {
      const all = await tests()
      return all.length === 1 ? all : undefined
    })
    expect(kept).toMatchObject({
      steps: [{ do: 'send', nodeId: 'order', message: { payload: { part: 'Plate' } }, origin: { from: 'recorded', runId } }],
      answers: { ask: [{ from: 'recorded', runId, value: { payload: { stock: 7 }, statusCode: 200 } }] },
      expect: expect.arrayContaining([{ kind: 'call', nodeId: 'ask' }]),
    })
  })

  it('what a test expects is changed field by field, and a difference is shown field by field', async () => {
    await page.getByTestId('rehearsal-run-all').click()
    const row = page.locator('[data-testid^=rehearsal-test-]').first()
    await row.locator('xpath=self::*[@data-state="passed"]').waitFor({ timeout: 60_000 })
    await page.getByText(/1\/2 branches taken/).waitFor()
    await page.getByTestId('rehearsal-edit-expectations').click()
    const dialog = page.getByTestId('rehearsal-keep-dialog')
    const message = dialog.locator('.rehearsal-offer').filter({ hasText: 'Ask the stock sends a message' }).first()
    await message.getByTestId('rehearsal-offer-message').check()
    await message
      .getByLabel(/with this content/)
      .first()
      .check()
    const value = message.getByLabel('Value of payload.stock')
    await value.fill('9')
    expect(await axe()).toEqual([])
    await shot(page, 'flow-tests-expectations')
    await page.getByTestId('rehearsal-keep-yes').click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByTestId('rehearsal-run-all').click()
    await row.locator('xpath=self::*[@data-state="failed"]').waitFor({ timeout: 60_000 })
    const difference = row.getByTestId('rehearsal-difference')
    await difference.getByRole('row', { name: /payload\.stock 9 7/ }).waitFor()
    expect(await axe()).toEqual([])
    await shot(page, 'flow-tests-difference')
  })

  it('a deploy runs the tests first; one that fails refuses it, and a person with the right goes on with a reason', async () => {
    await page.getByTestId('rehearsal-rule-flow').check()
    await until('the rule', 20_000, async () => ((await designer.client.call(getFlowTestRule, {})).flowIds.includes('tab') ? true : undefined))
    await page.getByTestId('node-short').click()
    await page.keyboard.press('Delete')
    // it says so while they run, which may be over before anybody asks
    await page.evaluate(() => {
      const seen = new Set<string | undefined>()
      Object.assign(window, { statesSeen: seen })
      const look = () => seen.add(document.querySelector<HTMLElement>('[data-testid=deploy-tests]')?.dataset.state)
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-state'] })
    })
    await page.getByTestId('deploy').click()
    await shot(page, 'flow-tests-running')
    const refused = page.locator('[data-testid=deploy-tests][data-state=refused]')
    await refused.waitFor({ timeout: 60_000 })
    await refused.getByRole('row', { name: /payload\.stock 9 7/ }).waitFor()
    expect(await page.evaluate(() => (window as unknown as { statesSeen: Set<string> }).statesSeen.has('running'))).toBe(true)
    expect((await designer.running()).some(({ id }) => id === 'short')).toBe(true)
    await shot(page, 'flow-tests-refused')
    expect(await axe()).toEqual([])
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'flow-tests-refused-tablet')
    await page.setViewportSize(SIZES.desktop)
    await page.getByTestId('deploy-anyway').click()
    const yes = page.getByTestId('deploy-anyway-yes')
    expect(await yes.isDisabled()).toBe(true)
    await page.getByTestId('deploy-anyway-reason').fill('the stock system is being replaced')
    await yes.click()
    await until('the flows without the node', 20_000, async () => ((await designer.running()).some(({ id }) => id === 'short') ? undefined : true))
    await expect.poll(async () => (await designer.client.call(listVersions, { query: { limit: 1 } }))[0]?.text).toContain('the stock system is being replaced')
  })
})
