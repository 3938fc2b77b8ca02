/** Orchestration as people meet it: its nodes in the designer, and a question on the operator panel. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlowNode, getRun, listAsks, listPanel, listSteps, pressButton } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'First part', disabled: false, info: '', env: [] },
  node('begin', 'cw-button', 140, 100, ['person'], { label: 'First part done', says: 'Asks for a release', color: 'normal', asks: [], whenEmpty: '' }),
  {
    ...node('person', 'cw-wait-person', 380, 100, ['check'], {
      question: 'Release the batch of WO-2041?',
      questionType: 'str',
      details: 'Measure the bore of the first part.\nRelease: the batch goes on. Refuse: the order goes back to the setter.',
      detailsType: 'str',
      asks: [{ key: 'bore', label: 'Bore', kind: 'number', unit: 'mm' }],
      approve: 'Release',
      refuse: 'Refuse',
      who: 'panel.press',
      escalateAfter: 0,
      deadline: 3600,
    }),
    wires: [['check'], ['sink'], ['sink'], ['sink']],
  },
  {
    ...node('check', 'cw-check', 620, 80, [], {
      characteristic: 'bore',
      nominal: 42,
      lower: 0,
      upper: 0.025,
      unit: 'mm',
      decimals: 3,
      value: 'values.bore',
      valueType: 'msg',
    }),
    wires: [[], []],
  },
  node('sink', 'debug', 620, 160, [], { active: true, tosidebar: true, complete: 'true', targetType: 'full' }),
]

describe.skipIf(!chromiumPath)('orchestration in a browser', () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner({ flows: FLOWS })
  }, 120_000)
  afterAll(() => designer?.close())

  /** Of these flows: others may have left some in this product. */
  const asks = async () => (await designer.client.call(listAsks, {})).filter(({ nodeId }) => nodeId === 'person')
  const ask = async (): Promise<string> => {
    const { client } = designer
    const count = (await asks()).length
    await until('the button', 20_000, async () => (await client.call(listPanel, {})).some(({ nodeId }) => nodeId === 'begin') || undefined)
    const { runId } = await client.call(pressButton, { params: { nodeId: 'begin' }, body: { pressId: crypto.randomUUID(), values: {} } })
    await until('the question', 20_000, async () => (await asks()).length === count + 1 || undefined)
    return runId
  }

  it('has its own family in the palette, and a node says what it waits for and since when', async () => {
    const { page } = designer
    await page.getByTestId('palette-cw-for-each').waitFor()
    await ask()
    await expect
      .poll(() => page.getByTestId('status-person').or(page.getByTestId('node-person')).first().innerText(), { timeout: 15_000 })
      .toMatch(/since \d\d:\d\d: an answer: Release/)
    await shot(page, 'orchestration-designer')
    await page.getByTestId('node-person').dblclick()
    await page.getByTestId('config-done').waitFor()
    await shot(page, 'orchestration-form')
    await page.getByTestId('config-done').click()
  }, 60_000)

  it('asks on the operator panel, takes the value and the answer, and the run goes on with them', async () => {
    const { context, client } = designer
    const runId = await ask()
    const panel = await context.newPage()
    await panel.setViewportSize(SIZES.tablet)
    await panel.goto(`${client.access.url}/operator`)
    const cards = panel.getByTestId('asks').locator('button', { hasText: 'WO-2041' })
    await expect.poll(() => cards.count()).toBe(2)
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(panel, scheme)
      await shot(panel, `orchestration-asks-${scheme}`)
      expect(await violationsOf(panel, undefined, ['[data-testid="asks"]'])).toEqual([])
    }
    await cards.nth(1).click()
    await panel.getByTestId('choice-yes').click()
    await expect.poll(() => panel.getByRole('alert').innerText()).toMatch(/Bore/)
    await panel.getByTestId('value-bore').click()
    await panel.keyboard.type('42.01')
    await panel.getByTestId('ask-comment').click()
    await panel.keyboard.type('measured twice')
    for (const scheme of ['dark', 'light'] as const) {
      await showScheme(panel, scheme)
      await shot(panel, `orchestration-answer-${scheme}`)
      expect(await violationsOf(panel, undefined, ['.op-dialog'])).toEqual([])
    }
    await panel.getByTestId('choice-yes').click()
    await expect.poll(() => cards.count()).toBe(1)
    const run = await until('the measurement', 20_000, async () => {
      const now = await client.call(getRun, { params: { runId } })
      return now.links.some(({ kind }) => kind === 'measurement') ? now : undefined
    })
    expect(run.links.map(({ text }) => text)).toContainEqual(expect.stringMatching(/"Release the batch of WO-2041\?" answered by Anna Arens: Release/))
    expect(await client.call(listSteps, { query: { runId, limit: 10 } })).toMatchObject([{ state: 'ended', outcome: 'done', text: 'approved by Anna Arens' }])
    // a link leads to one question
    const [left] = await asks()
    await panel.goto(`${client.access.url}/operator?ask=${left?.stepId}`)
    await panel.getByRole('dialog').waitFor()
    await panel.getByTestId('choice-no').click()
    await expect.poll(async () => (await asks()).length).toBe(0)
    await panel.close()
  }, 60_000)
})
