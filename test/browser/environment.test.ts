/** The page of the installation as people use it: production and its reasons, a promotion of another installation, the git mirror. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type FlowNode,
  getEnvironment,
  listPrograms,
  listPromotions,
  type PromotionManifest,
  removeProgram,
  removePromotion,
  setEnvironment,
  setMirror,
  uploadProgram,
} from '../../server/api/index.ts'
import { installationOf, writePromotion } from '../../server/environment/promotion/file.ts'
import { fingerprintOf, hashOf, signingKey } from '../../server/templates/seal.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'
import { keepOnlyDemoMachine } from './only-demo-machine.ts'

const TAB = { id: 'env-tab', type: 'tab', label: 'Warm up', disabled: false, info: '', env: [] } as FlowNode
const MACHINE = { id: 'env-machine', type: 'cw-machine', machineId: 'bench-mill' } as FlowNode
const BEGIN = { id: 'env-begin', type: 'cw-emit', z: 'env-tab', x: 120, y: 80, name: 'tell', event: 'warm', wires: [['env-home']] } as FlowNode
const HOME = { id: 'env-home', type: 'cw-home', z: 'env-tab', x: 320, y: 80, name: 'home it', machine: 'env-machine', axes: 'all', wires: [[], []] } as FlowNode

const RUN = {
  ...{ id: 'env-run', type: 'cw-run-program', z: 'env-tab', x: 520, y: 80, name: '', machine: 'env-machine', program: 'warm.nc', programType: 'str' },
  ...{ onceFor: '', onceForType: 'msg', optionalStop: false, blockDelete: false, wires: [[], [], []] },
} as unknown as FlowNode
const WARM = Buffer.from('G21 G90\nG0 X10\nM30\n')

/** The file of another installation. */
async function fromElsewhere(): Promise<{ archive: Buffer; fingerprint: string }> {
  const key = signingKey({ derive: () => '7'.repeat(64) }, 'Bench')
  const fingerprint = fingerprintOf(key.publicKey)
  const sha256 = await hashOf(WARM)
  const manifest: PromotionManifest = {
    format: 1,
    from: { id: installationOf(fingerprint), name: 'Bench', environment: 'test', product: '1.0.0' },
    version: { number: 12, rev: 'a'.repeat(64), author: 'Bea Bench', at: '2026-05-04T08:00:00Z', reason: 'warm up before the first part' },
    scope: 'all',
    note: 'tried for a week',
    by: 'Bea Bench',
    at: '2026-05-04T09:00:00Z',
    references: [
      { kind: 'machine', value: 'bench-mill', name: 'Bench mill', places: [{ nodeId: 'env-machine', path: 'machineId' }] },
      { kind: 'program', value: 'warm.nc', name: 'warm.nc', sha256, places: [{ nodeId: 'env-run', path: 'program' }] },
    ],
  }
  const programs = new Map([[`programs/${sha256}.nc`, WARM]])
  const { archive } = await writePromotion({ manifest, flow: [TAB, MACHINE, BEGIN, HOME, RUN], tests: [], panels: [], programs }, key)
  return { archive, fingerprint }
}

describe.skipIf(!chromiumPath)('the page of the installation', () => {
  let designer: Designer
  let folder: string
  const clean = async () => {
    await designer.client.call(setEnvironment, { body: { kind: 'unmarked' } })
    await designer.client.call(setMirror, { body: { isOn: false, remote: '' } })
    for (const { id } of (await designer.client.call(listPromotions, {})).promotions)
      await designer.client.call(removePromotion, { params: { promotionId: id } })
    await designer.deploy([])
    for (const { id, name } of await designer.client.call(listPrograms, {}))
      if (name === 'warm.nc') await designer.client.call(removeProgram, { params: { programId: id } })
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cw-environment-'))
    designer = await openDesigner({ name: 'Eva Engel', role: 'engineer' })
    await designer.setUpDemo()
    await keepOnlyDemoMachine(designer.client)
    await clean()
  }, 120_000)
  afterAll(async () => {
    if (designer) await clean().catch(() => undefined)
    await designer?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const open = async (hash = '') => {
    // from another page: a change of the part behind # alone loads nothing
    await designer.page.goto('about:blank')
    await designer.page.goto(`${designer.client.access.url}/environment${hash}`)
  }

  it('production is on every page, and a deploy asks why', async () => {
    const { page, client } = designer
    await open()
    await page.getByTestId('kind-production').click()
    await page.getByTestId('installation-name').fill('Hall 1')
    await page.getByTestId('mark-save').click()
    await page.getByTestId('environment').and(page.locator('[data-kind="production"]')).waitFor()
    await shot(page, 'environment-mark')
    expect(await violationsOf(page)).toEqual([])
    expect(await client.call(getEnvironment, {})).toMatchObject({ kind: 'production', name: 'Hall 1', by: 'Eva Engel' })
    await page.goto(`${client.access.url}/operator`)
    await page.getByTestId('environment').getByText('Production').waitFor()
    await page.goto(`${client.access.url}/`)
    await page.getByTestId('environment').getByText('Production').waitFor()
    await page.getByTestId('tab-add').click()
    await page.getByTestId('deploy').click()
    const review = page.getByTestId('review')
    await review.waitFor()
    await shot(page, 'environment-reason')
    await review.getByTestId('review-deploy').click({ force: true })
    await page.getByTestId('review-why').fill('an empty flow to begin with')
    await review.getByTestId('review-deploy').click()
    await review.waitFor({ state: 'detached' })
    await expect.poll(async () => (await designer.running()).filter(({ type }) => type === 'tab').length).toBe(1)
  })

  it('a file of another installation: its key compared, its machine chosen, its reason said, deployed', async () => {
    const { page } = designer
    const { archive, fingerprint } = await fromElsewhere()
    await writeFile(join(folder, 'warm.nc'), 'G21 G90\nG0 X99 Y99\nM30\n')
    await designer.client.upload(uploadProgram, { name: 'warm.nc' }, join(folder, 'warm.nc'))
    const file = join(folder, 'bench.cwp')
    await writeFile(file, archive)
    await open('#promote')
    await writeFile(join(folder, 'bad.cwp'), archive.subarray(0, 400))
    await page.getByTestId('promotion-file').setInputFiles(join(folder, 'bad.cwp'))
    await page.getByTestId('promotion-refused').waitFor()
    await page.getByTestId('promotion-file').setInputFiles(file)
    await page.getByTestId('take-signer').getByText(fingerprint).waitFor()
    await page.getByTestId('import-canvas').waitFor()
    await shot(page, 'environment-take')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.tablet)
    await showScheme(page, 'dark')
    await shot(page, 'environment-take-tablet')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.desktop)
    await showScheme(page, 'light')
    await page.getByTestId('take-trust').check()
    await page.getByTestId('take-why-not').getByText('Choose what stands for what').waitFor()
    const line = page.getByTestId('map-machine bench-mill')
    await line.getByTestId('map-choose').click()
    await page.getByRole('option').first().click()
    await line.getByText('chosen now').waitFor()
    // another content here would run otherwise: somebody says which one counts
    const program = page.getByTestId('program-warm.nc')
    await program.getByText('has another content here').waitFor()
    await page.getByTestId('take-why-not').getByText('which content of the programs').waitFor()
    await shot(page, 'environment-take-program')
    await program.getByText('As there', { exact: true }).click()
    await page.getByTestId('take-reason').fill('the bench has it for a week')
    await page.getByTestId('take').click()
    await page.getByTestId('take-done').waitFor()
    expect(await designer.nodeOf('env-machine')).toMatchObject({ machineId: 'demo-mill' })
    expect((await designer.client.call(listPrograms, {})).find(({ name }) => name === 'warm.nc')).toMatchObject({ bytes: WARM.length })
    await page.getByTestId('take-done').getByRole('link', { name: 'All promotions' }).click()
    await page.getByTestId('taken').getByText('the bench has it for a week').waitFor()
  })

  it('what runs here goes out as one file', async () => {
    const { page } = designer
    await open('#promote')
    await page.getByTestId('make-contents').waitFor()
    await page.getByTestId('make-version').click()
    // the newest is what runs
    await page.getByRole('option', { name: /^Version \d+ · .*the bench has it for a week/ }).click()
    await page.getByTestId('make-note').fill('for the other hall')
    await page.getByTestId('make').click()
    const row = page.getByTestId('promotions').getByRole('listitem').filter({ hasText: 'for the other hall' })
    await row.waitFor()
    await shot(page, 'environment-promote')
    expect(await violationsOf(page)).toEqual([])
    const [download] = await Promise.all([page.waitForEvent('download'), row.getByTestId('promotion-download').click()])
    expect(download.suggestedFilename()).toMatch(/^hall-1-version-\d+-[0-9a-f]{8}\.cwp$/)
  })

  it('the git mirror is switched on, brings itself up to date, and says what is wrong with an address', async () => {
    const { page } = designer
    await open('#mirror')
    await page.getByTestId('mirror-remote').fill('http://git.example.com/a.git')
    await page.getByTestId('mirror-on').check()
    await page.getByTestId('mirror-plain').getByText('whoever listens on the way can read them').waitFor()
    await expect.poll(() => page.getByTestId('mirror-save').isDisabled()).toBe(true)
    await shot(page, 'environment-mirror-plain')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('mirror-remote').fill('http://203.0.113.7/a.git')
    await page.getByTestId('mirror-plain-yes').check()
    await page.getByTestId('mirror-save').click()
    await page.getByTestId('mirror-problem').waitFor()
    await page.getByTestId('mirror-remote').fill('')
    await page.getByTestId('mirror-save').click()
    await page.getByTestId('mirror-commit').getByText('version').waitFor()
    await page.getByTestId('mirror-state').getByText('up to date').waitFor()
    await shot(page, 'environment-mirror')
    expect(await violationsOf(page)).toEqual([])
  })
})
