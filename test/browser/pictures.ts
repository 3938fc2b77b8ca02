/**
 * Takes the pictures of `docs/pictures` from the running product: `node test/browser/pictures.ts`.
 * With a folder, every scene in every size, light and dark, goes there instead, for whoever works on the pages:
 * `node test/browser/pictures.ts /tmp/looks [part of a scene's name] [desktop|panel|tablet|phone]`.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { addAccount, deployFlows, enterMeasurement, type FlowNode, getFlows, listQualityCharacteristics } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { root, startTestProduct } from '../product.ts'
import { chromiumPath, launchBrowser, SIZES } from './chromium.ts'
import { cutPart, measurePart, setUpShop } from './demo-shop.ts'
import { drawn, PASSWORD, signInTo } from './hands.ts'
import { SHOWCASE } from './showcase.ts'

type Size = keyof typeof SIZES
type Scheme = 'light' | 'dark'

interface Scene {
  name: string
  /** Where it begins. */
  path: string
  /** Signed out, if so. */
  isStranger?: boolean
  /** Brings the page to what the picture shows. */
  arrange: (page: Page) => Promise<void>
  /** What of it goes into `docs/pictures`: the name there. */
  kept?: readonly { as: string; size: Size; scheme: Scheme }[]
}

const kept = (as: string, size: Size = 'desktop', scheme: Scheme = 'light') => ({ as, size, scheme })
const showFlow = async (page: Page, id: string, first: string) => {
  await page.goto(`${new URL(page.url()).origin}/#flow/${id}`)
  await page.getByTestId(`node-${first}`).waitFor({ state: 'attached' })
  await page.getByTestId('zoom-fit').click()
}
/** On a small window the whole flow is drawn as boxes: then the node is gone to. */
const nodeOn = async (page: Page, id: string) => {
  const node = page.getByTestId(`node-${id}`)
  await drawn(page)
  if ((await node.count()) === 0) await page.goto(`${new URL(page.url()).origin}/#node/${id}`)
  return node
}
const cell = (page: Page) => showFlow(page, 'show-cell', 'show-tick')

const SCENES: readonly Scene[] = [
  {
    name: 'operator',
    path: '/operator',
    kept: [kept('operator', 'panel')],
    arrange: async (page) => {
      await page.getByTestId('machine-state').first().waitFor()
      await page.getByRole('button', { name: /^Cut the part/ }).waitFor()
    },
  },
  {
    name: 'run',
    path: '/runs',
    kept: [kept('run')],
    arrange: async (page) => {
      await page.locator('[data-testid^="run-run_"]', { hasText: 'bearing-plate.nc' }).first().click()
      await page.getByTestId('run-detail').getByText('bearing-plate.nc').first().waitFor()
    },
  },
  { name: 'machines', path: '/machines', arrange: (page) => page.getByTestId('machine-demo-mill').waitFor() },
  { name: 'machine', path: '/machines#demo-mill', arrange: (page) => page.getByTestId('tab-console').waitFor() },
  {
    name: 'wizard',
    path: '/machines#+new',
    kept: [kept('wizard')],
    arrange: async (page) => {
      await page.getByTestId('link-virtual').focus()
      await page.keyboard.press('Space')
      await page.getByTestId('wizard-next').click()
      await page.getByTestId('envelope-min-X').waitFor()
    },
  },
  {
    name: 'program',
    path: '/programs',
    kept: [kept('program')],
    arrange: async (page) => {
      await page.getByTestId('program-bearing-plate.nc').click()
      await page.locator('[data-testid="picture"][data-ready]').waitFor()
      await page.getByText('Can run on Demo mill').waitFor()
      await page.locator('[data-testid="check"]:not([data-loading])').waitFor()
    },
  },
  {
    name: 'arranging',
    path: '/operator',
    kept: [kept('arranging', 'panel')],
    arrange: async (page) => {
      await page.getByTestId('arrange-start').click()
      await page.getByTestId('add-tab').click()
      await page.getByTestId('tab-name').fill('Mine')
      await page.getByTestId('add-own-tab').click()
      for (const part of ['state', 'position', 'program', 'quality']) {
        await page.getByTestId('add-control').click()
        await page.getByTestId(`add-block-${part}`).click()
      }
    },
  },
  {
    name: 'templates',
    path: '/templates',
    kept: [kept('templates')],
    arrange: (page) => page.locator('a[data-testid^="template-"] img').nth(5).waitFor(),
  },
  {
    name: 'template',
    path: '/templates',
    kept: [kept('template')],
    arrange: async (page) => {
      await page.locator('a[data-testid^="template-"]', { hasText: 'First-article approval' }).click()
      await page.getByTestId('import').waitFor()
    },
  },
  {
    name: 'connections',
    path: '/connections',
    kept: [kept('connections')],
    arrange: async (page) => {
      await page.locator('.list-list li button').first().click()
      await page.getByTestId('connection-uses').waitFor()
    },
  },
  {
    name: 'history',
    path: '/history',
    kept: [kept('history')],
    arrange: async (page) => {
      await page.locator('[data-testid^="entry-"]', { hasText: 'Flows' }).first().click()
      await page.getByTestId('version').locator('.flow-canvas').waitFor()
    },
  },
  {
    name: 'audit',
    path: '/history#audit',
    kept: [kept('audit')],
    arrange: async (page) => {
      await page.getByTestId('audit-verify').click()
      await page.locator('[data-testid="audit-verdict"][data-state="whole"]').waitFor()
    },
  },
  {
    name: 'environment',
    path: '/environment',
    kept: [kept('environment')],
    arrange: async (page) => {
      await page
        .getByTestId('own-key')
        .getByText(/\w{4} \w{4}/)
        .waitFor()
      await page.getByTestId('kind-production').check()
      await page.getByTestId('installation-name').fill('Shop floor')
    },
  },
  {
    name: 'quality',
    path: '/quality',
    kept: [kept('quality')],
    arrange: async (page) => {
      await page.locator('[data-testid^="characteristic-"] a').first().click()
      await page.getByTestId('plot').first().waitFor()
    },
  },
  { name: 'people', path: '/settings#people', arrange: (page) => page.getByTestId('people').waitFor() },
  { name: 'account', path: '/settings#account', arrange: (page) => page.getByTestId('tokens').waitFor() },
  { name: 'sign-in', path: '/sign-in', isStranger: true, arrange: (page) => page.getByText('Otto').or(page.getByTestId('user-name')).first().waitFor() },
  {
    name: 'flow',
    path: '/',
    kept: [kept('designer'), kept('designer-dark', 'desktop', 'dark'), kept('designer-tablet', 'tablet'), kept('designer-phone', 'phone', 'dark')],
    arrange: async (page) => {
      await page.locator('[data-testid^="node-"]', { hasText: 'Run the program' }).first().waitFor({ state: 'attached' })
      await page.getByTestId('zoom-fit').click()
    },
  },
  {
    name: 'live',
    path: '/#flow/show-cell',
    kept: [kept('live', 'desktop', 'dark')],
    arrange: async (page) => {
      await cell(page)
      await page.locator('.flow-node-mark-live-error').first().waitFor()
    },
  },
  {
    name: 'card',
    path: '/#flow/show-cell',
    kept: [kept('last-message')],
    arrange: async (page) => {
      await cell(page)
      await (await nodeOn(page, 'show-limit')).click()
      await page.keyboard.press('m')
      await page.getByTestId('live-card').getByText('Last message').first().waitFor()
    },
  },
  {
    name: 'form',
    path: '/#flow/show-cell',
    kept: [kept('form'), kept('form-phone', 'phone')],
    arrange: async (page) => {
      await cell(page)
      await (await nodeOn(page, 'show-check')).dblclick()
      await page.getByTestId('field-nominal').waitFor()
    },
  },
  {
    name: 'stock-form',
    path: '/#flow/show-cell',
    kept: [kept('stock-form', 'desktop', 'dark')],
    arrange: async (page) => {
      await cell(page)
      await (await nodeOn(page, 'show-count')).dblclick()
      await page.locator('[data-testid="stock-place"][data-open]').waitFor()
      await page.frameLocator('[data-testid="stock-frame"]').locator('#dialog-form').waitFor()
    },
  },
  {
    name: 'debug',
    path: '/#flow/show-cell',
    kept: [kept('debug')],
    arrange: async (page) => {
      await cell(page)
      await page.getByTestId('debug').click()
      await page.getByTestId('debug-message').nth(2).waitFor()
      await page.getByTestId('debug-message').first().getByRole('button', { name: /^\{/ }).click()
    },
  },
  {
    name: 'groups',
    path: '/#flow/show-plant',
    kept: [kept('groups')],
    arrange: async (page) => {
      await showFlow(page, 'show-plant', 'p0-0')
      await (await nodeOn(page, 'p1-4')).hover()
      await page.keyboard.down('Control')
      await page.mouse.wheel(0, -400)
      await page.keyboard.up('Control')
      await page.getByTestId('minimap').waitFor()
    },
  },
  {
    name: 'commands',
    path: '/#flow/show-cell',
    kept: [kept('commands', 'desktop', 'dark')],
    arrange: async (page) => {
      await cell(page)
      await page.keyboard.press('Control+k')
      await page.locator('[data-testid="commands-search"]:focus').waitFor()
      await page.keyboard.type('wire')
      await page.getByRole('option').nth(2).waitFor()
    },
  },
  {
    name: 'quick-add',
    path: '/#flow/show-cell',
    arrange: async (page) => {
      await cell(page)
      await (await nodeOn(page, 'show-check')).click()
      await page.keyboard.press('Shift+A')
      await page.getByTestId('quick-add').waitFor()
    },
  },
  {
    name: 'menu',
    path: '/#flow/show-cell',
    arrange: async (page) => {
      await cell(page)
      await (await nodeOn(page, 'show-check')).click({ button: 'right' })
      await page.getByTestId('context-menu').waitFor()
    },
  },
  { name: 'empty-tab', path: '/#flow/show-empty', arrange: (page) => page.locator('.designer-hint').first().waitFor() },
  {
    name: 'compare',
    path: '/#flow/show-line',
    kept: [kept('comparison')],
    arrange: async (page) => {
      await showFlow(page, 'show-line', 'show-order')
      await (await nodeOn(page, 'show-plan')).click()
      await page.keyboard.press('Delete')
      await (await nodeOn(page, 'show-label')).click()
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown')
      await page.locator('[data-testid="draft"][data-state="saved"]').waitFor()
      await page.getByTestId('draft').click()
      await page.getByTestId('draft-compare').click()
      await page.getByTestId('compare').waitFor()
    },
  },
  {
    name: 'review',
    path: '/#flow/show-line',
    kept: [kept('deploy')],
    arrange: async (page) => {
      await showFlow(page, 'show-line', 'show-order')
      await (await nodeOn(page, 'show-plan')).click()
      await page.keyboard.press('Delete')
      await page.getByTestId('deploy-options').click()
      await page.getByTestId('deploy-review').click()
      await page.getByTestId('review').waitFor()
    },
  },
  {
    name: 'debugger',
    path: '/#flow/show-line',
    kept: [kept('debugger')],
    arrange: async (page) => {
      await showFlow(page, 'show-line', 'show-order')
      await (await nodeOn(page, 'show-plan')).click()
      // it stays for the next picture of this scene
      const mark = page.locator('[data-testid="node-show-plan"] .flow-node-mark-breakpoint')
      if ((await mark.count()) === 0) await page.keyboard.press('F9')
      await mark.waitFor()
      await page.evaluate(() => fetch('/red/inject/show-order', { method: 'POST', headers: { 'x-cellwright': '1' } }))
      await page.getByTestId('debugger-open').click()
      await page.getByTestId('waiting-show-plan').first().waitFor()
    },
  },
]

/** One picture of one scene, in a window of its own. */
async function take({ browser, url, scene, size, scheme, file }: { browser: Browser; url: string; scene: Scene; size: Size; scheme: Scheme; file: string }) {
  const isTouch = size === 'phone' || size === 'tablet'
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce', hasTouch: isTouch })
  try {
    if (!scene.isStranger) await signInTo(context, url, 'anna')
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    await page.goto(`${url}${scene.path}`)
    await scene.arrange(page)
    // no hint of a control that the pointer came to rest on
    if (scene.name !== 'card') await page.mouse.move(2, SIZES[size].height - 2)
    await drawn(page)
    await page.screenshot({ path: file })
    // what was drawn in one picture is not in the next; a page that is left saves its draft first
    if (!scene.isStranger) {
      await page.goto(`${url}/runs`)
      await page.evaluate(forgetDraft)
    }
  } finally {
    await context.close()
  }
}

/** In the page. */
async function forgetDraft() {
  const headers = { 'x-cellwright': '1', 'content-type': 'application/json' }
  const { draft } = (await (await fetch('/api/flows/draft', { headers })).json()) as { draft: { revision: number } | null }
  if (draft) await fetch(`/api/flows/draft?after=${draft.revision}`, { method: 'DELETE', headers })
}

/** A chart of one point shows nothing: values as a shop's other days would have brought them. */
async function measureBefore(client: Client): Promise<void> {
  const [bore] = await client.call(listQualityCharacteristics, {})
  if (!bore) throw new Error('The demo has measured, and there is no characteristic.')
  const middle = 42.0125
  for (const [index, off] of OFFSETS_UM.entries()) {
    const entryId = `picture-${String(index).padStart(4, '0')}`
    await client.call(enterMeasurement, { body: { entryId, characteristicId: bore.id, values: [middle + off / 1000], source: 'import' } })
  }
}
/** In micrometres from the middle; none of it asks for anything. */
const OFFSETS_UM = [1, -2, 0.5, 2.5, -1, -3, 1.5, 0, 2, -1.5, 3, -0.5, -2.5, 1, 0.5, -1, 2, -2, 0, 1.5, -0.5, 2.5, -1.5, 0.5]

async function main([folder, part = '', only]: readonly string[]): Promise<void> {
  if (!chromiumPath) throw new Error('No Chromium or Chrome was found: name one in CELLWRIGHT_CHROMIUM.')
  const product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}`, CELLWRIGHT_LOGIN_TRIES: '1000' })
  const browser = await launchBrowser()
  try {
    const { client } = product
    const { url } = client.access
    await client.call(addAccount, { body: { userName: 'otto', name: 'Otto', role: 'operator', pin: '4711' } })
    await setUpShop(client)
    await measurePart(client, await cutPart(client), 42.012)
    await measureBefore(client)
    const shots = SCENES.flatMap((scene) =>
      folder
        ? (Object.keys(SIZES) as Size[]).flatMap((size) =>
            (['light', 'dark'] as const).map((scheme) => ({ scene, size, scheme, file: join(folder, `${scene.name}-${size}-${scheme}.png`) })),
          )
        : (scene.kept ?? []).map(({ as, size, scheme }) => ({ scene, size, scheme, file: join(root, 'docs', 'pictures', `${as}.png`) })),
    ).filter(({ scene, size }) => scene.name.includes(part) && (!only || size === only))
    if (folder) await mkdir(folder, { recursive: true })
    let isShowing = false
    for (const shot of shots) {
      // runs of these flows are not those of the shop: its own pictures are taken before
      if (!isShowing && shot.scene.path.includes('#flow/')) {
        isShowing = true
        const { flows } = await client.call(getFlows, {})
        await client.call(deployFlows, { body: { flows: [...(flows as FlowNode[]), ...SHOWCASE], kind: 'nodes', comment: 'Second cell' } })
      }
      await take({ browser, url, ...shot }).then(
        () => console.log(shot.file),
        (error: unknown) => console.error(`${shot.file}: ${String(error).split('\n').slice(0, 3).join(' ')}`),
      )
    }
  } finally {
    await browser.close()
    await product.close()
  }
}

await main(process.argv.slice(2))
