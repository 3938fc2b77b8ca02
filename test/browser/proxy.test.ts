/** The stock editor, a dashboard and a flow's own page in a real browser, through the gateway, over a real Node-RED. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Browser, BrowserContext, Page, WebSocket } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChildMessage, readJsonLines } from '../../base/child.ts'
import { startTestGateway, type TestGateway } from '../../server/testing.ts'
import { root, until } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'

const PASSWORD = 'a long enough password'

const PAGE = `<!doctype html><title>report</title><p id="out">waiting</p><script>
const facts = { origin: self.origin }
try { facts.cookie = document.cookie } catch (error) { facts.cookie = error.name }
try { facts.storage = String(localStorage) } catch (error) { facts.storage = error.name }
fetch('/api/system').then((answer) => { facts.api = answer.status }, (error) => { facts.api = error.name })
  .then(() => { document.getElementById('out').textContent = JSON.stringify(facts) })
</script>`

const FLOWS = [
  { id: 'tab00001', type: 'tab', label: 'Shop', disabled: false, info: '' },
  { id: 'base0001', type: 'ui-base', name: 'Shop', path: '/dashboard', includeClientData: true, acceptsClientConfig: [] },
  {
    id: 'theme001',
    type: 'ui-theme',
    name: 'Default',
    colors: { surface: '#ffffff', primary: '#0094ce', bgPage: '#eeeeee', groupBg: '#ffffff', groupOutline: '#cccccc' },
    sizes: { density: 'default', pagePadding: '12px', groupGap: '12px', groupBorderRadius: '4px', widgetGap: '12px' },
  },
  { id: 'page0001', type: 'ui-page', name: 'Mill', ui: 'base0001', path: '/mill', icon: 'home', layout: 'grid', theme: 'theme001', order: 1, breakpoints: [] },
  { id: 'group001', type: 'ui-group', name: 'Work', page: 'page0001', width: '6', height: '1', order: 1, showTitle: true },
  {
    id: 'button01',
    type: 'ui-button',
    z: 'tab00001',
    group: 'group001',
    name: '',
    label: 'Next part',
    order: 1,
    width: 3,
    height: 1,
    icon: '',
    iconPosition: 'left',
    className: '',
    enableClick: true,
    payload: 'part 7',
    payloadType: 'str',
    topic: '',
    topicType: 'str',
    x: 100,
    y: 40,
    wires: [['func0001']],
  },
  {
    id: 'func0001',
    type: 'function',
    z: 'tab00001',
    name: 'say it',
    func: 'msg.payload = "cutting " + msg.payload; return msg;',
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    x: 300,
    y: 40,
    wires: [['text0001']],
  },
  {
    id: 'text0001',
    type: 'ui-text',
    z: 'tab00001',
    group: 'group001',
    name: '',
    label: 'Now',
    format: '{{msg.payload}}',
    layout: 'row-left',
    value: 'payload',
    valueType: 'msg',
    className: '',
    order: 2,
    width: 3,
    height: 1,
    x: 500,
    y: 40,
    wires: [],
  },
  {
    id: 'templ001',
    type: 'ui-template',
    z: 'tab00001',
    group: 'group001',
    name: '',
    order: 3,
    width: 6,
    height: 1,
    format: '<template><em data-testid="compiled">{{ 6 * 7 }}</em></template>',
    templateScope: 'local',
    passthru: true,
    x: 500,
    y: 80,
    wires: [[]],
  },
  {
    id: 'hookin01',
    type: 'http in',
    z: 'tab00001',
    name: '',
    url: '/report',
    method: 'get',
    upload: false,
    swaggerDoc: '',
    x: 100,
    y: 140,
    wires: [['hookpage']],
  },
  {
    id: 'hookpage',
    type: 'template',
    z: 'tab00001',
    name: '',
    field: 'payload',
    fieldType: 'msg',
    syntax: 'plain',
    template: PAGE,
    output: 'str',
    x: 300,
    y: 140,
    wires: [['hookout1']],
  },
  { id: 'hookout1', type: 'http response', z: 'tab00001', name: '', statusCode: '', headers: { 'content-type': 'text/html' }, x: 500, y: 140, wires: [] },
]

/** What the test adds in the editor. */
const ADDED = [
  {
    id: 'injected1',
    type: 'inject',
    name: 'go',
    props: [{ p: 'payload' }],
    payload: 'hello from the editor',
    payloadType: 'str',
    repeat: '',
    once: false,
    x: 140,
    y: 240,
    wires: [['debug0001']],
  },
  {
    id: 'debug0001',
    type: 'debug',
    name: 'see',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    x: 340,
    y: 240,
    wires: [],
  },
]

describe.skipIf(!chromiumPath)('the flow runtime in a browser (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let shop: TestGateway
  let runtime: ChildProcess
  let browser: Browser

  beforeAll(async () => {
    shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: `anna:${PASSWORD}` } })
    runtime = await startRuntime(shop)
    await until('the runtime', 60_000, async () => ((await shop.admin('/readyz')).json.reasons.runtime === undefined ? true : undefined))
    const deployed = await shop.admin('/api/flows', { method: 'POST', body: { flows: FLOWS, kind: 'full' } })
    expect([deployed.status, deployed.status === 200 ? '' : deployed.text]).toEqual([200, ''])
    const added = await shop.admin('/api/accounts', { method: 'POST', body: { userName: 'otto', name: 'Otto', role: 'operator', password: PASSWORD } })
    expect(added.status).toBe(201)
    browser = await launchBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await stopRuntime(runtime)
    await shop?.close()
  })

  /** A browser in which this person is signed in. */
  const signedIn = async (userName: string): Promise<{ context: BrowserContext; page: Page; complaints: string[]; sockets: WebSocket[] }> => {
    const context = await browser.newContext({ viewport: SIZES.desktop })
    const cookies = (await shop.signIn(userName, PASSWORD))
      .split('; ')
      .map((pair) => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url: shop.url }))
    await context.addCookies(cookies)
    const complaints = complaintsOf(context)
    const page = await context.newPage()
    const sockets: WebSocket[] = []
    page.on('websocket', (socket) => sockets.push(socket))
    return { context, page, complaints, sockets }
  }

  it('opens the stock editor signed in already, deploys a change and shows live messages', async () => {
    const { context, page, complaints, sockets } = await signedIn('anna')
    await page.goto(`${shop.url}/red/`)
    await page.locator('.red-ui-palette-node').first().waitFor()
    await expect.poll(() => page.locator('.red-ui-palette-node').count()).toBeGreaterThan(30)
    expect(await page.locator('#node-dialog-login').count()).toBe(0)
    expect(await page.evaluate("RED.settings.user.username + ' ' + RED.user.hasPermission('flows.write')")).toBe('anna true')
    const comms = await until('the live connection', 60_000, () => sockets.find((socket) => socket.url().endsWith('/red/comms')))

    await page.evaluate(
      `RED.workspaces.show('tab00001'); RED.view.importNodes(${JSON.stringify(ADDED)}, { generateIds: false, addFlow: false, touchImport: true, applyNodeDefaults: true }); RED.nodes.dirty(true)`,
    )
    await page.locator('#red-ui-header-button-deploy:not(.disabled)').click()
    // what it says of it goes away by itself
    await expect.poll(() => page.evaluate('RED.nodes.dirty()')).toBe(false)
    const types = ((await shop.admin('/api/flows')).json.flows as { type: string }[]).map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['inject', 'debug', 'ui-button']))
    const [version] = (await shop.admin('/api/flows/versions')).json as { by: string }[]
    expect(JSON.stringify(version)).toContain('anna')

    // the button of the inject node calls /red/inject; its message comes back over /red/comms
    const heard = comms.waitForEvent('framereceived', { predicate: ({ payload }) => String(payload).includes('hello from the editor') })
    await page.locator('#injected1 .red-ui-flow-node-button-button').click()
    await heard
    await page.locator('.red-ui-debug-msg').getByText('hello from the editor').waitFor()
    expect(comms.isClosed()).toBe(false)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('lets the stock editor’s own parts work: dialogs, the code editor and its workers', async () => {
    const { context, page, complaints } = await signedIn('anna')
    const workers: string[] = []
    page.on('worker', (worker) => workers.push(worker.url()))
    await page.goto(`${shop.url}/red/`)
    await page.locator('.red-ui-palette-node').first().waitFor()
    await page.evaluate(`RED.editor.edit(RED.nodes.node('func0001'))`)
    await page.locator('.monaco-editor .view-line', { hasText: 'cutting' }).waitFor()
    await until('the workers of the code editor', 60_000, () => workers.some((url) => url.includes('worker')) || undefined)
    await page.locator('#node-dialog-cancel').click()
    // it may call its own addresses, and nothing of the API in the name of who looks at it
    expect(await page.evaluate(`fetch('/api/accounts').then(({ status }) => status, ({ name }) => name)`)).toBe('TypeError')
    // the code editor's own, when its dialog closes while one of its workers is about to answer
    const isOfMonaco = (text: string) => text.includes('TextModelPart is disposed')
    const mine = complaints.filter((text) => !text.includes('/api/accounts') && !isOfMonaco(text))
    expect(mine).toEqual([])
    await expect.poll(() => complaints.some((text) => text.includes('/api/accounts'))).toBe(true)
    await context.close()
  })

  it('shows a dashboard to an operator, whose click reaches the flow and whose answer comes back', async () => {
    const { context, page, complaints, sockets } = await signedIn('otto')
    await page.goto(`${shop.url}/dashboard/mill`)
    await page.getByRole('button', { name: 'Next part' }).click()
    await page.getByText('cutting part 7').waitFor()
    await page.getByTestId('compiled').getByText('42').waitFor()
    await until(
      'Socket.IO on a WebSocket',
      60_000,
      () => sockets.some((socket) => socket.url().includes('/dashboard/socket.io/') && !socket.isClosed()) || undefined,
    )
    expect(complaints).toEqual([])
    // a flow's script in this page has the dashboard, not the API and not our other pages
    expect(await page.evaluate(`fetch('/api/machines').then(({ status }) => status, ({ name }) => name)`)).toBe('TypeError')
    expect(await page.evaluate(`String(window.open('/operator'))`)).toBe('null')
    expect((await page.goto(`${shop.url}/red/`))?.status()).toBe(403)
    await context.close()
  })

  it('keeps a page made by a flow away from our origin', async () => {
    const { context, page } = await signedIn('otto')
    await page.goto(`${shop.url}/hooks/report`)
    await page.locator('#out', { hasText: 'origin' }).waitFor()
    expect(JSON.parse((await page.locator('#out').textContent()) ?? '')).toEqual({
      origin: 'null',
      cookie: 'SecurityError',
      storage: 'SecurityError',
      api: 'TypeError',
    })
    await context.close()
  })

  it('shows a calm page while the runtime is away, and goes on by itself when it is back', async () => {
    const { context, page } = await signedIn('otto')
    await stopRuntime(runtime)
    const answer = await page.goto(`${shop.url}/dashboard/mill`)
    expect(answer?.status()).toBe(503)
    await page.getByText('The flow runtime is being restarted').first().waitFor()
    runtime = await startRuntime(shop)
    await page.getByRole('button', { name: 'Next part' }).waitFor({ timeout: 30_000 })
    await context.close()
  })
})

/** The flow runtime as the launcher starts it. */
async function startRuntime({ init }: TestGateway): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'server/runtime/main.ts')], {
    stdio: ['ignore', 'ignore', process.env.CELLWRIGHT_TEST_LOG ? 'inherit' : 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: join(root, '.cache', 'compile') },
  })
  const pipe = child.stdio[3] as Duplex
  pipe.on('error', () => {}) // it was ended
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the runtime ended (${code ?? signal})`)))
    pipe.on(
      'data',
      readJsonLines(
        (message) => {
          if ((message as ChildMessage).type === 'ready') resolve()
        },
        () => {},
      ),
    )
  })
  const data = {
    userDir: join(init.runDir, 'node-red'),
    gatewaySocket: init.runtimeSocket,
    gatewayToken: init.processToken,
    httpSocket: init.runtimeHttpSocket,
    isSafeMode: false,
  }
  pipe.write(`${JSON.stringify({ type: 'init', data })}\n`)
  await ready
  return child
}

async function stopRuntime(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  ;(child.stdio[3] as Duplex).write(`${JSON.stringify({ type: 'shutdown' })}\n`)
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(impatience)
}
