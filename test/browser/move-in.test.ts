/**
 * Move in, by a person on the page: a user directory that a real Node-RED has written comes into the draft with its passwords and its
 * context, is deployed from the designer, and its flow signs in at the same server as before. Then macros of CNCjs (a sample).
 */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listMoveIns, listPrograms, removeProgram } from '../../server/api/index.ts'
import { runCli } from '../cli/run-cli.ts'
import { writeUserDirectory } from '../old-node-red.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const CNCRC = {
  users: [{ id: 'u', name: 'old', password: '$2a$10$hash' }],
  macros: [
    { id: '1', name: 'Probe Z', content: '; touch plate\nG91\nG38.2 Z-20 F50\nG0 Z2\nG90' },
    { id: '2', name: 'Step over', content: '%X0=posx\nG90\nG0 X[X0 + 10]' },
    { id: '3', name: 'Corners', content: 'G0 X[xmin] Y[ymin]' },
  ],
  machines: [{ id: 'k', name: 'Bench router', limits: { xmin: -600, xmax: 0, ymin: -400, ymax: 0, zmin: -90, zmax: 0 } }],
}

const tab = (id: string, label: string) => ({ id, type: 'tab', label, disabled: false, info: '', env: [] })
const at = (id: string, type: string, z: string, x: number, wires: string[][], more: object = {}) => ({ id, type, z, name: id, x, y: 80, wires, ...more })

describe.skipIf(!chromiumPath)('moving in (needs Chromium or Chrome)', { timeout: 90_000 }, () => {
  let designer: Designer
  let dir: string
  let erp: Server
  const orders: { headers: IncomingHttpHeaders; body: string }[] = []
  let erpUrl = ''
  const userDir = () => join(dir, '.node-red')

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cw-move-in-'))
    erp = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        orders.push({ headers: request.headers, body })
        response.end('taken')
      })
    })
    erp.listen(0, '127.0.0.1')
    await once(erp, 'listening')
    erpUrl = `http://127.0.0.1:${(erp.address() as { port: number }).port}/orders`
    const fill = at('fill', 'inject', 'ta', 100, [['keep']], {
      props: [{ p: 'payload' }],
      once: true,
      onceDelay: 0.1,
      payload: 'order 4711',
      payloadType: 'str',
      repeat: '',
      crontab: '',
    })
    const rules = [
      { t: 'set', p: 'lastOrder', pt: 'flow', to: 'payload', tot: 'msg' },
      { t: 'set', p: 'shift', pt: 'global', to: 'late', tot: 'str' },
    ]
    const flows = [
      tab('ta', 'Orders'),
      at('go', 'inject', 'ta', 100, [['send']], { props: [{ p: 'payload', v: 'lastOrder', vt: 'flow' }], once: true, onceDelay: 0.1, repeat: '', crontab: '' }),
      at('send', 'http request', 'ta', 300, [['seen']], {
        method: 'POST',
        ret: 'txt',
        url: erpUrl,
        authType: 'basic',
        credentials: { user: 'shop', password: 'old secret' },
      }),
      at('seen', 'debug', 'ta', 500, [[]], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' }),
      tab('tb', 'Not needed'),
      at('idle', 'comment', 'tb', 100, []),
    ]
    const [orderTab, ...rest] = flows
    await Promise.all([
      writeUserDirectory(userDir(), {
        before: [orderTab as object, fill, at('keep', 'change', 'ta', 300, [[]], { rules }), ...rest.slice(3)],
        flows,
        globalKeys: ['shift'],
        contextPaths: ['flow/ta/lastOrder'],
      }),
      openDesigner().then((opened) => {
        designer = opened
      }),
    ])
  }, 180_000)
  afterAll(async () => {
    erp?.close()
    for (const { id, name } of designer ? await designer.client.call(listPrograms, {}) : [])
      if (/^(Probe Z|Step over)/.test(name)) await designer.client.call(removeProgram, { params: { programId: id } })
    await designer?.close()
    await rm(dir, { recursive: true, force: true })
  }, 30_000)

  it('reads a user directory, and says what is in it before anything is changed', async () => {
    const { page } = designer
    // that is how Node-RED left it
    expect(JSON.parse(await readFile(join(userDir(), 'flows_cred.json'), 'utf8'))).toEqual({ $: expect.any(String) })
    expect(JSON.parse(await readFile(join(userDir(), 'context/ta/flow.json'), 'utf8'))).toEqual({ lastOrder: 'order 4711' })
    orders.length = 0
    await page.goto(`${designer.client.access.url}/settings#move-in`)
    await page.getByTestId('move-in-drop').waitFor()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `move-in-start-${scheme}`)
    }
    await page.getByTestId('move-in-folder').setInputFiles(userDir())
    await page.getByTestId('move-in-report').waitFor()
    await page.getByTestId('line-credentials-found').waitFor()
    await page.getByTestId('move-in-item-ta').getByRole('button').click()
    await page.getByTestId('move-in-item-ta').getByTestId('line-secrets-come').waitFor()
    await page.getByTestId('move-in-item-ta').getByTestId('line-context-comes').waitFor()
    await page.getByTestId('move-in-item-ta').getByTestId('line-needs-code').waitFor()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `move-in-report-${scheme}`)
    }
    expect(await designer.running()).toEqual([])
  })

  it('puts what was picked into the draft; deployed, the flow signs in with its old password and knows what it knew', async () => {
    const { page } = designer
    await page.getByTestId('move-in-item-tb').getByRole('checkbox').uncheck()
    await page.getByTestId('move-in-import').click()
    await page.getByTestId('move-in-done').waitFor()
    await shot(page, 'move-in-done')
    expect(await designer.running()).toEqual([])
    await page.getByTestId('move-in-designer').click()
    await page.getByTestId('node-send').waitFor()
    await shot(page, 'move-in-draft')
    // no password lies in the draft, and none is asked for
    await page.getByTestId('deploy').click()
    await expect.poll(() => orders.length, { timeout: 30_000 }).toBeGreaterThan(0)
    expect(orders[0]?.headers.authorization).toBe(`Basic ${Buffer.from('shop:old secret').toString('base64')}`)
    expect(orders[0]?.body).toBe('order 4711')
    expect((await designer.running()).map(({ id }) => id).toSorted()).toEqual(['go', 'seen', 'send', 'ta'])
    expect(JSON.stringify(await designer.running())).not.toContain('old secret')
  })

  it('knows what is here already, and takes the secret from the command line’s environment', async () => {
    const { client } = designer
    const env = { CELLWRIGHT_URL: client.access.url, CELLWRIGHT_TOKEN: client.access.token }
    const runtime = await readFile(join(userDir(), '.config.runtime.json'), 'utf8')
    const { _credentialSecret: secret } = JSON.parse(runtime) as { _credentialSecret: string }
    await rm(join(userDir(), '.config.runtime.json'))
    await rm(join(userDir(), '.config.runtime.json.backup'), { force: true })
    const locked = await runCli(['move-in', 'node-red', userDir()], { env })
    expect(locked.out).toContain('Passwords and keys: locked.')
    expect(locked.out).toMatch(/Flow "Orders" \(ta\): 3 nodes, (here already|ids taken here)/)
    const opened = await runCli(['--json', 'move-in', 'node-red', userDir()], { env: { ...env, CELLWRIGHT_MOVE_IN_SECRET: secret } })
    expect(JSON.parse(opened.out)).toMatchObject({ credentials: 'open', kind: 'node-red' })
    expect(opened.out).not.toContain('old secret')
    const wrong = await runCli(['move-in', 'node-red', userDir()], { env: { ...env, CELLWRIGHT_MOVE_IN_SECRET: 'no' } })
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('does not open')
    const imported = await runCli(
      ['move-in', 'node-red', userDir(), '--import', '--flow', 'Orders', '--collision', 'Orders=new-ids', '--without-credentials'],
      { env },
    )
    expect(imported.out).toContain('In your draft: 4 nodes, "Orders"')
    for (const { id } of [...(await client.call(listMoveIns, {})).brought]) expect((await runCli(['move-in', 'forget', id], { env })).code).toBe(0)
  })

  it('brings macros of CNCjs as buttons, and a machine as a proposal for its form', async () => {
    const { page } = designer
    await writeFile(join(dir, '.cncrc'), JSON.stringify(CNCRC))
    await page.goto(`${designer.client.access.url}/settings#move-in`)
    await page.getByTestId('move-in-file').setInputFiles(join(dir, '.cncrc'))
    await page.getByTestId('move-in-report').waitFor()
    expect(await page.getByTestId('move-in-macro-cncjs-3').getByRole('checkbox').isDisabled()).toBe(true)
    await page.getByTestId('move-in-macro-cncjs-3').getByTestId('line-macro-not').waitFor()
    for (const size of ['tablet', 'phone', 'desktop'] as const) {
      await page.setViewportSize(SIZES[size])
      await shot(page, `move-in-macros-${size}`)
    }
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('move-in-import').click()
    await page.getByTestId('move-in-done').getByText('Step over.nc', { exact: false }).waitFor()
    await page.goBack()
    await page.goto(`${designer.client.access.url}/settings#move-in`)
    await page
      .getByTestId('move-in-brought')
      .getByRole('link', { name: /\.cncrc/ })
      .click()
    await page.getByTestId('propose-machine-k').click()
    await page.getByTestId('wizard').waitFor()
    await expect.poll(() => page.evaluate(() => sessionStorage.getItem('cellwright-machine-wizard'))).toContain('"name":"Bench router"')
    expect(designer.complaints).toEqual([])
  })
})
