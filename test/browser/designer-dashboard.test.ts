/** Pages of FlowFuse Dashboard 2 as tabs of the panel: their own menu, their links, what they send, and widgets of other modules. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, addMachine, builtInLayout, deployFlows, type FlowNode, savePanelLayout } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const MILL = 'mill-1'
const MODULE = '@cellwright/node-red-dashboard-2-lamp'

/** A widget as other people publish them: a node, a UMD file that Dashboard 2 imports, and a picture by Node-RED's usual address. */
const LAMP = {
  'package.json': JSON.stringify({
    name: MODULE,
    version: '1.0.0',
    'node-red': { nodes: { 'ui-lamp': 'ui-lamp.js' } },
    'node-red-dashboard-2': { version: '1.0.0', widgets: { 'ui-lamp': { output: 'ui-lamp.umd.js', component: 'UILamp' } } },
  }),
  'ui-lamp.js': `module.exports = (RED) => {
    RED.nodes.registerType('ui-lamp', function (config) {
      RED.nodes.createNode(this, config)
      RED.nodes.getNode(config.group).register(this, config, {})
    })
  }`,
  'ui-lamp.html': `<script>RED.nodes.registerType('ui-lamp', { category: 'test', defaults: { name: { value: '' }, group: { type: 'ui-group' } }, inputs: 1 })</script>`,
  'resources/lamp.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><circle cx="8" cy="8" r="8"/></svg>',
  'resources/ui-lamp.umd.js': `(function (root) {
    const { h } = root.Vue
    root['ui-lamp'] = { UILamp: { render: () => h('p', { 'data-testid': 'lamp' }, [h('img', { src: '/resources/${MODULE}/lamp.svg', alt: 'lamp' }), 'Lamp']) } }
  })(window)`,
}

const ui = (id: string, type: string, group: string, more: Record<string, unknown>): FlowNode => ({
  id,
  type,
  z: 'flow',
  name: id,
  group,
  order: 1,
  width: '0',
  height: '0',
  x: 200,
  y: 100,
  wires: [[]],
  ...more,
})
const page = (id: string, name: string, path: string, order: number): FlowNode => ({
  ...{ id, type: 'ui-page', name, ui: 'dash', path, icon: 'home', layout: 'grid', theme: 'theme', order, breakpoints: [] },
})
const group = (id: string, name: string, of: string): FlowNode => ({ id, type: 'ui-group', name, page: of, width: '6', height: '1', order: 1, showTitle: true })
const FLOWS: FlowNode[] = [
  { id: 'flow', type: 'tab', label: 'Shop', disabled: false, info: '' },
  { id: 'dash', type: 'ui-base', name: 'Shop', path: '/dashboard', includeClientData: true, acceptsClientConfig: [], navigationStyle: 'default' },
  {
    id: 'theme',
    type: 'ui-theme',
    name: 'Default',
    colors: { surface: '#ffffff', primary: '#0094ce', bgPage: '#eeeeee', groupBg: '#ffffff', groupOutline: '#cccccc' },
    sizes: { density: 'default', pagePadding: '12px', groupGap: '12px', groupBorderRadius: '4px', widgetGap: '12px' },
  },
  page('oee', 'OEE', '/oee', 1),
  page('downtime', 'Downtime', '/downtime', 2),
  group('today', 'Today', 'oee'),
  group('reasons', 'Reasons', 'downtime'),
  ui('book', 'ui-button', 'today', {
    label: 'Book a stop',
    icon: '',
    className: '',
    payload: 'tool change',
    payloadType: 'str',
    topic: '',
    topicType: 'str',
    wires: [['last']],
  }),
  ui('lamp', 'ui-lamp', 'today', { order: 2 }),
  ui('link', 'ui-template', 'today', {
    ...{ order: 3, format: '<template><a href="/dashboard/downtime">to the reasons</a></template>', templateScope: 'local', ui: '', page: '' },
    ...{ storeOutMessages: true, passthru: true, resendOnRefresh: true, className: '' },
  }),
  ui('last', 'ui-text', 'reasons', { label: 'Last stop', format: '{{msg.payload}}', layout: 'row-left', style: false, className: '' }),
]

describe.skipIf(!chromiumPath)('a dashboard in a tab (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let product: Product
  let browser: Browser
  let panel: Page
  let complaints: string[]

  const frame = () => panel.frameLocator('.op-dashboard iframe')
  const addressOf = async () =>
    (await panel.locator('.op-dashboard iframe').elementHandle())?.contentFrame().then((inside) => new URL(inside?.url() ?? '').pathname)

  beforeAll(async () => {
    product = await startTestProduct(
      { CELLWRIGHT_LOGIN_TRIES: '1000' },
      {
        async prepare({ nodeRed }) {
          for (const [path, text] of Object.entries(LAMP)) {
            const file = join(nodeRed, 'node_modules', MODULE, path)
            await mkdir(join(file, '..'), { recursive: true })
            await writeFile(file, text)
          }
          await writeFile(join(nodeRed, 'package.json'), JSON.stringify({ name: 'palette', private: true, dependencies: { [MODULE]: '1.0.0' } }))
        },
      },
    )
    const { client } = product
    const { url } = client.access
    await client.call(addMachine, {
      body: {
        id: MILL,
        name: 'Mill 1',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [-400, -400, -100], max: [400, 400, 100] },
        whenRequesterGone: 'finish',
      },
    })
    await client.call(deployFlows, { body: { flows: FLOWS, kind: 'full' } })
    const { tabs } = builtInLayout(MILL)
    await client.call(savePanelLayout, {
      body: {
        scope: { place: MILL },
        basedOn: 0,
        reason: 'OEE at the machine',
        layout: { tabs: [...tabs, { kind: 'dashboard', id: 'd-oee', name: 'OEE', pageId: 'oee' }] },
      },
    })
    await client.call(addAccount, { body: { userName: 'otto', name: 'Otto', role: 'operator', password: PASSWORD } })
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: SIZES.panel, locale: 'en-GB', hasTouch: true })
    complaints = complaintsOf(context)
    await signInTo(context, url, 'otto')
    panel = await context.newPage()
    panel.setDefaultTimeout(20_000)
    await panel.goto(`${url}/operator#${MILL}/d-oee`)
    await frame().getByText('Today').waitFor({ timeout: 30_000 })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('shows widgets of other modules, with the files they load from the root of Node-RED', async () => {
    const lamp = frame().getByTestId('lamp')
    await lamp.waitFor()
    await expect.poll(() => lamp.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(16)
    await shot(panel, 'dashboard-lamp')
    expect(complaints).toEqual([])
  })

  it('sends what is pressed, and its own menu goes to its other pages, in the frame', async () => {
    await frame().getByRole('button', { name: 'Book a stop' }).tap()
    await frame().locator('.v-app-bar-nav-icon').tap()
    await shot(panel, 'dashboard-menu')
    await frame().locator('.v-navigation-drawer').getByText('Downtime').tap()
    await frame().getByText('tool change').waitFor()
    expect(await addressOf()).toMatch(/^\/framed\/[\w-]{32}\/dashboard\/downtime$/)
    await shot(panel, 'dashboard-downtime')
    // the panel is where it was, with its stops
    expect(new URL(panel.url()).hash).toBe(`#${MILL}/d-oee`)
    await expect.poll(() => panel.getByTestId('stop').isEnabled()).toBe(true)
    expect(complaints).toEqual([])
  })

  it('follows a link of a template to another page as the same person', async () => {
    await frame().locator('.v-app-bar-nav-icon').tap()
    await frame().locator('.v-navigation-drawer').getByText('OEE').tap()
    await frame().getByRole('link', { name: 'to the reasons' }).tap()
    await frame().getByText('tool change').waitFor()
    expect(await addressOf()).toMatch(/^\/framed\/[\w-]{32}\/dashboard\/downtime$/)
    expect(complaints).toEqual([])
  })
})
