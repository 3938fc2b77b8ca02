/** An integrator comes into an empty shop: three templates run without a manual; one from a file is brought, changed here, updated, taken out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlowNode, listFlowTests, listTemplateImports, listTriggers, removeTemplate, removeTemplateImport } from '../../server/api/index.ts'
import { packFolder } from '../../server/templates/files.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'
import { keepOnlyDemoMachine } from './only-demo-machine.ts'

/** A template from another shop, as a file. */
async function greeting(version: string, { count, more }: { count: number; more: boolean }): Promise<Buffer> {
  const at = { z: 'hi-tab', y: 80 }
  const debug = { active: false, tosidebar: true, console: false, tostatus: false, complete: 'payload', targetType: 'msg', statusVal: '', statusType: 'auto' }
  const flow: FlowNode[] = [
    { id: 'hi-tab', type: 'tab', label: 'Parts a minute', disabled: false, info: '', env: [] },
    { id: 'hi-begin', type: 'cw-emit', ...at, x: 120, name: 'tell', event: 'part{{$n}}', wires: [['hi-limit']] },
    {
      ...{ id: 'hi-limit', type: 'cw-rate-gate', ...at, x: 340, name: 'limit', count, period: 60, whenFull: 'wait', waitAtMost: 0, shared: '' },
      wires: [more ? ['hi-show', 'hi-more'] : ['hi-show'], []],
    },
    { id: 'hi-show', type: 'debug', ...at, x: 560, name: '{{who}}', ...debug, wires: [] },
    ...(more ? [{ id: 'hi-more', type: 'debug', z: 'hi-tab', x: 560, y: 160, name: 'second eye', ...debug, wires: [] }] : []),
  ]
  const manifest = {
    format: 1,
    id: 'parts-a-minute',
    version,
    name: 'Parts a minute',
    summary: 'Tells no more parts a minute than somebody can look at.',
    author: 'Shop next door',
    licence: 'MIT',
    categories: ['data'],
    parameters: { type: 'object', properties: { who: { title: 'Who looks', type: 'string', widget: 'text', minLength: 1 } }, required: ['who'] },
    german: { name: 'Teile je Minute', summary: 'Meldet je Minute nicht mehr Teile, als jemand ansehen kann.', parameters: { who: { title: 'Wer hinsieht' } } },
  }
  const tests = [
    {
      name: 'it passes',
      flowId: 'hi-tab',
      steps: [{ do: 'give', nodeId: 'hi-begin', message: { payload: 1 } }],
      answers: {},
      expect: [{ kind: 'message', from: 'hi-limit', port: 0 }],
    },
  ]
  const files = Object.entries({ 'template.json': manifest, 'flow.json': flow, 'tests.json': tests }).map(([path, value]): [string, Buffer] => [
    path,
    Buffer.from(JSON.stringify(value)),
  ])
  return packFolder(new Map([...files, ['README.md', Buffer.from('# Parts a minute\n\nTells parts.\n')]]))
}

describe.skipIf(!chromiumPath)('an integrator in an empty shop', () => {
  let designer: Designer
  const imports = () => designer.client.call(listTemplateImports, {})
  const emptyShop = async () => {
    for (const { id } of await imports()) await designer.client.call(removeTemplateImport, { params: { importId: id }, body: { withOwnWork: true } })
    await designer.deploy([])
    await designer.client.call(removeTemplate, { params: { templateId: 'parts-a-minute' }, query: {} }).catch(() => {})
  }
  const open = (hash: string) => designer.page.goto(`${designer.client.access.url}/templates${hash}`)
  beforeAll(async () => {
    designer = await openDesigner({ name: 'Ines Imhof', role: 'integrator' })
    await designer.setUpDemo()
    await keepOnlyDemoMachine(designer.client)
    await emptyShop()
  }, 120_000)
  afterAll(async () => {
    if (designer) await emptyShop().catch(() => undefined)
    await designer?.close()
  })

  it('has three templates running: what each asks is chosen already or told', async () => {
    const { page, client } = designer
    await open('')
    for (const [id, words] of [
      ['alarm-message', 'alarm'],
      ['call-light', 'light'],
      ['serial-numbers-from-list', 'serial'],
    ] as const) {
      await page.getByTestId('search-templates').fill(words)
      await page.getByTestId(`template-${id}`).click()
      await page.getByTestId('import').click()
      await expect.poll(() => page.getByTestId('parameter-machine').inputValue()).not.toBe('')
      await page.getByTestId('import-ready').waitFor()
      await shot(page, `story-${id}`)
      await page.getByTestId('import-deploy').click()
      await page.getByTestId('import-done').waitFor()
      if (id === 'serial-numbers-from-list') await page.getByTestId('open-panel').waitFor()
      await page.getByRole('link', { name: 'Back to the gallery' }).click()
      await page.getByTestId('gallery').waitFor()
    }
    expect((await imports()).map(({ templateId, state, changedHere }) => [templateId, state, changedHere])).toEqual([
      ['alarm-message', 'deployed', 0],
      ['call-light', 'deployed', 0],
      ['serial-numbers-from-list', 'deployed', 0],
    ])
    // they run: their triggers are there, and their button is on the panel
    await expect.poll(async () => (await client.call(listTriggers, {})).length).toBeGreaterThanOrEqual(2)
    await page.goto(`${client.access.url}/operator`)
    await page.getByText('Enter serial numbers').first().waitFor()
    await shot(page, 'story-panel')
    // the tab that came with the template, without a right to arrange panels
    await page.getByRole('button', { name: 'Serial numbers', exact: true }).click()
    await page.getByTestId('grid').getByText('Serial numbers left').waitFor()
    await page.getByTestId('grid').getByText('Enter serial numbers').waitFor()
    await shot(page, 'story-panel-tab')
  })

  it('brings a file that somebody sent, in German', async () => {
    const german = await designer.signIn({ name: 'Greta Groß', role: 'integrator', context: { locale: 'de-DE' } })
    const { page } = german
    await page.goto(`${designer.client.access.url}/templates`)
    await page.getByRole('heading', { name: 'Vorlagen' }).waitFor()
    await page.getByTestId('from-address').click()
    await page.getByTestId('address').fill('https://127.0.0.1:1/teile.cwt')
    await page.getByTestId('address-look').click()
    await page.getByTestId('address-private').getByText('127.0.0.1:1 liegt im eigenen Netz').waitFor()
    await shot(page, 'story-address-german')
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Escape')
    const file = { name: 'teile.cwt', mimeType: 'application/gzip', buffer: await greeting('1.0.0', { count: 5, more: false }) }
    await page.getByTestId('template-file').setInputFiles(file)
    await page.getByTestId('template-detail').getByRole('heading', { name: 'Teile je Minute' }).waitFor()
    await page.getByTestId('signature').getByText('Nicht signiert').waitFor()
    await shot(page, 'story-detail-german')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('import').click()
    await page.getByTestId('import-deploy').click()
    await page.getByText('Wer hinsieht').first().waitFor()
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(1)
    await page.getByTestId('parameter-who').fill('Greta')
    await page.getByTestId('import-ready').waitFor()
    await page.getByTestId('import-deploy').click()
    await page.getByTestId('import-done').getByText('importiert').first().waitFor()
    await shot(page, 'story-done-german')
    expect(await violationsOf(page)).toEqual([])
    expect(german.complaints.filter((complaint) => !complaint.includes('409'))).toEqual([])
    await german.context.close()
  })

  it('updates it with what was changed here: what both changed is asked, and shown', async () => {
    const { page } = designer
    const running = await designer.running()
    await designer.deploy(
      running.map((each) => (each.name === 'limit' ? { ...each, count: 7 } : each.name === 'Greta' ? { ...each, name: 'Greta and Otto' } : each)),
    )
    await open('#imported')
    const line = page.getByTestId('imported-parts-a-minute')
    await page.getByTestId('template-file').setInputFiles({
      name: 'parts.cwt',
      mimeType: 'application/gzip',
      buffer: await greeting('1.1.0', { count: 9, more: true }),
    })
    await page.getByTestId('template-detail').getByText('1.1.0').first().waitFor()
    await page.getByTestId('back').click()
    await page.getByTestId('to-imported').click()
    await line.getByText('2 objects changed here since').waitFor()
    await line.getByText('Version 1.1.0 is here').waitFor()
    await shot(page, 'story-imported')
    expect(await violationsOf(page)).toEqual([])
    await line.getByTestId('update').click()
    const conflicts = page.getByTestId('conflicts')
    await conflicts.getByText('As it is here').first().waitFor()
    await conflicts.getByText('7', { exact: true }).first().waitFor()
    await conflicts.getByText('9', { exact: true }).first().waitFor()
    const canvas = page.getByTestId('import-canvas')
    await canvas.getByText('second eye').waitFor()
    // the names of drawn nodes follow a moment after the nodes
    await expect.poll(() => canvas.locator('[role="img"]:not([aria-label])').count()).toBe(0)
    await shot(page, 'story-merge')
    expect(await violationsOf(page)).toEqual([])
    await conflicts.locator('label', { hasText: 'As it is here' }).click()
    await page.getByTestId('import-ready').waitFor()
    await page.getByTestId('import-deploy').click()
    await page.getByTestId('import-done').waitFor()
    const after = await designer.running()
    expect(after.find(({ name }) => name === 'limit')).toMatchObject({ count: 7 })
    expect(after.map(({ name }) => name)).toEqual(expect.arrayContaining(['Greta and Otto', 'second eye']))
    expect((await imports()).find(({ templateId }) => templateId === 'parts-a-minute')).toMatchObject({ version: '1.1.0', parameters: { who: 'Greta' } })
  })

  it('takes all of it out again, and nothing else', async () => {
    const { page, client } = designer
    const others = (await designer.running()).length
    await open('#imported')
    await page.getByTestId('imported-parts-a-minute').getByTestId('remove').click()
    await page.getByTestId('remove-dialog').getByText('5 objects go out of the flows').waitFor()
    await page.getByTestId('remove-now').click()
    await page.getByTestId('imported-parts-a-minute').waitFor({ state: 'detached' })
    const left = await designer.running()
    expect(left).toHaveLength(others - 5)
    expect(left.map(({ name }) => name)).not.toContain('second eye')
    expect((await client.call(listFlowTests, {})).map(({ name }) => name)).not.toContain('it passes')
    expect((await imports()).map(({ templateId }) => templateId)).toEqual(['alarm-message', 'call-light', 'serial-numbers-from-list'])
    expect(designer.complaints).toEqual([])
  })
})
