/** Templates as an integrator meets them: the gallery, an import into an empty shop, what was imported, and files that are refused. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listConnections, listTemplateImports, removeConnection, removeTemplateImport } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'
import { keepOnlyDemoMachine } from './only-demo-machine.ts'

describe.skipIf(!chromiumPath)('templates', () => {
  let designer: Designer
  let folder: string
  const connections = () => designer.client.call(listConnections, {})
  const imports = () => designer.client.call(listTemplateImports, {})
  /** Whoever had this product before may have left some. */
  const emptyShop = async () => {
    for (const { id } of await imports()) await designer.client.call(removeTemplateImport, { params: { importId: id }, body: { withOwnWork: true } })
    await designer.deploy([])
    for (const { id } of await connections()) await designer.client.call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed: true } })
  }
  /** The names of drawn nodes follow a moment after the nodes. */
  const drawnWithNames = async () => {
    const canvas = designer.page.getByTestId('import-canvas')
    await canvas.getByText('Enter the measured bore').first().waitFor()
    await expect.poll(() => canvas.locator('[role="img"]:not([aria-label])').count()).toBe(0)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cw-orders-'))
    for (const name of ['in', 'out']) await mkdir(join(folder, name))
    designer = await openDesigner({ name: 'Ines Imhof', role: 'integrator' })
    await designer.setUpDemo()
    await keepOnlyDemoMachine(designer.client)
    await emptyShop()
  }, 120_000)
  afterAll(async () => {
    if (designer) await emptyShop().catch(() => undefined)
    await designer?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('shows what there is, and says what to do where nothing matches', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/templates`)
    await page.getByTestId('template-scrap-reporting').waitFor()
    await shot(page, 'templates-gallery')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.tablet)
    await showScheme(page, 'dark')
    await shot(page, 'templates-gallery-tablet')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.desktop)
    await showScheme(page, 'light')
    await page.getByTestId('search-templates').fill('nothing of this name')
    await page.getByTestId('gallery-empty').waitFor()
    await shot(page, 'templates-no-match')
    await page.getByTestId('gallery-all').click()
    await page.getByTestId('category-quality').click()
    await page.getByTestId('template-warm-up-at-shift-start').waitFor({ state: 'detached' })
    await page.getByTestId('search-templates').fill('cut a part')
    await page.getByTestId('template-cut-a-part').click()
    await page.getByTestId('manual').getByText('Set it up').first().waitFor()
    await page.getByTestId('signature').getByText('Comes with Cellwright').waitFor()
    await shot(page, 'templates-detail')
    expect(await violationsOf(page)).toEqual([])
  })

  it('leads from the form over what is missing to a flow that runs', async () => {
    const { page } = designer
    await page.getByTestId('import').click()
    // the only machine is chosen already; the connection is not there yet and is made in place
    await expect.poll(() => page.getByTestId('parameter-machine').inputValue()).not.toBe('')
    await page.getByTestId('import-check').waitFor()
    await page.getByTestId('import-deploy').click()
    await page.getByText('is missing').first().waitFor()
    await shot(page, 'templates-import-missing')
    await page.getByTestId('new-connection').click()
    await page.getByTestId('kind-work-order-folder').click()
    await page.getByTestId('connection-name').fill('Orders')
    await page.getByTestId('setting-inbox').fill(join(folder, 'in'))
    await page.getByTestId('setting-outbox').fill(join(folder, 'out'))
    await page.getByTestId('connection-save').click()
    await expect.poll(() => page.getByTestId('parameter-connection').inputValue()).toBe('Orders')
    // who may not store programs is told, and shown the way
    await page.getByText('you may not store programs').waitFor()
    await page.getByTestId('without-programs').check()
    await page.getByTestId('import-ready').waitFor()
    await drawnWithNames()
    await shot(page, 'templates-import-ready')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('import-deploy').click()
    await page.getByTestId('import-done').waitFor()
    await shot(page, 'templates-import-done')
    expect(await violationsOf(page)).toEqual([])
    const [made] = await imports()
    expect(made).toMatchObject({ templateId: 'cut-a-part', state: 'deployed', changedHere: 0 })
    const [orders] = await connections()
    const running = await designer.running()
    expect(running.filter(({ id }) => made?.nodes[id] !== undefined).some((node) => Object.values(node).includes(orders?.id))).toBe(true)
    await page.getByTestId('open-flow').click()
    await page.getByTestId(`tab-${made?.tabs[0]?.id}`).waitFor()
  })

  it('keeps what was changed here, and asks where other values would change the same', async () => {
    const { page, client } = designer
    const changed = (await designer.running()).map((node) => (node.nominal === 42 ? { ...node, nominal: 41 } : node))
    await designer.deploy(changed)
    await page.goto(`${client.access.url}/templates#imported`)
    await page.getByText('1 object changed here since').waitFor()
    await page.getByTestId('update').click()
    await page.getByTestId('without-programs').check()
    await page.getByTestId('parameter-nominalMm').fill('43')
    await page.getByTestId('conflicts').getByText('As in the template', { exact: true }).last().waitFor()
    await drawnWithNames()
    await shot(page, 'templates-conflict')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('conflicts').locator('label', { hasText: 'As it is here' }).click()
    await page.getByTestId('import-ready').waitFor()
    await page.getByTestId('import-deploy').click()
    await page.getByTestId('import-done').waitFor()
    expect((await designer.running()).filter(({ nominal }) => nominal !== undefined).map(({ nominal }) => nominal)).toEqual([41])
  })

  it('lists what is imported, and takes all of it out again', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/templates#imported`)
    await page.getByTestId('imported-cut-a-part').getByText('1 object changed here since').waitFor()
    await shot(page, 'templates-imported')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('remove').click()
    await page.getByTestId('remove-dialog').getByText('go out of the flows').waitFor()
    await shot(page, 'templates-remove')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('remove-now').click()
    await page.getByTestId('imported-empty').waitFor()
    expect(await designer.running()).toEqual([])
  })

  it('says why a file is refused, and keeps nothing of it', async () => {
    const { page } = designer
    await page
      .getByTestId('template-file')
      .setInputFiles({ name: 'from-a-stranger.cwt', mimeType: 'application/gzip', buffer: Buffer.from('no archive at all') })
    await page.getByTestId('upload-refused').getByText('Nothing was kept').waitFor()
    await shot(page, 'templates-refused')
    expect(await violationsOf(page)).toEqual([])
    expect(designer.complaints.filter((complaint) => !complaint.includes('422'))).toEqual([])
  })
})
