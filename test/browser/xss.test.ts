/** Names that are HTML, wherever people and other systems may name something: every page shows them as text. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, type FlowNode, removeAccount, removeProgram, setEnvironment, uploadProgram } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'

/** Three ways in: as an element, out of an attribute, out of a script's text. */
const EVIL = `"><img src=x-evil onerror=evil()><svg onload=evil()></svg>'"</script><b>{{7*7}}`
const TAB = { id: 'xss-tab', type: 'tab', label: EVIL, disabled: false, info: EVIL, env: [{ name: 'A', value: EVIL, type: 'str' }] } as FlowNode
const NODES = [
  TAB,
  { id: 'xss-group', type: 'group', z: 'xss-tab', name: EVIL, nodes: ['xss-note'], style: { label: true }, x: 20, y: 20, w: 200, h: 100 },
  { id: 'xss-note', type: 'comment', z: 'xss-tab', g: 'xss-group', x: 100, y: 60, name: EVIL, info: `${EVIL}\n\n[here](javascript:evil())`, wires: [] },
  {
    id: 'xss-inject',
    type: 'inject',
    z: 'xss-tab',
    x: 100,
    y: 200,
    name: EVIL,
    props: [{ p: 'payload' }],
    payload: EVIL,
    payloadType: 'str',
    once: true,
    onceDelay: 0.1,
    topic: EVIL,
    repeat: '',
    crontab: '',
    wires: [['xss-debug']],
  },
  {
    id: 'xss-debug',
    type: 'debug',
    z: 'xss-tab',
    x: 400,
    y: 200,
    name: EVIL,
    active: true,
    tosidebar: true,
    console: false,
    tostatus: true,
    complete: 'payload',
    targetType: 'msg',
    statusVal: 'payload',
    statusType: 'auto',
    wires: [],
  },
] as unknown as FlowNode[]

const PAGES = [
  '/',
  '/operator',
  '/programs',
  '/machines',
  '/triggers',
  '/jobs',
  '/runs',
  '/quality',
  '/connections',
  '/templates',
  '/history',
  '/history#audit',
  '/environment',
  '/settings#people',
  '/api-docs',
]

/** What became of the names on a page, in every frame of it. */
async function became(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const frame of page.frames())
    found.push(
      ...(await frame
        .evaluate(() => {
          const elements = [...document.querySelectorAll('[src="x-evil"], [onload], [onerror], a[href^="javascript:"]')].map((each) =>
            each.outerHTML.slice(0, 120),
          )
          return [...elements, ...('evilRan' in window ? ['a script ran'] : [])]
        })
        // a frame that went away meanwhile shows nothing
        .catch(() => [])),
    )
  return found
}

describe.skipIf(!chromiumPath)('names that are HTML', { timeout: 120_000 }, () => {
  let designer: Designer
  let programId: string
  let userId: string
  beforeAll(async () => {
    designer = await openDesigner({
      prepare: async (context) => {
        await context.addInitScript(() => {
          Object.assign(window, { evil: () => Object.assign(window, { evilRan: true }) })
        })
      },
    })
    const { client } = designer
    await designer.deploy(NODES, EVIL)
    const { url, token } = client.access
    const { path } = uploadProgram
    const uploaded = await fetch(`${url}${path}?name=${encodeURIComponent(`${EVIL.replaceAll('/', '|')}.nc`)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body: 'G21\n(<img src=x-evil onerror=evil()>)\nM30\n',
    })
    expect([uploaded.status, await uploaded.clone().text()]).toEqual([201, expect.any(String)])
    programId = ((await uploaded.json()) as { id: string }).id
    ;({ id: userId } = await client.call(addAccount, { body: { userName: `evil-${Date.now().toString(36)}`, name: EVIL, role: 'viewer', pin: '8462' } }))
    await client.call(setEnvironment, { body: { kind: 'test', name: EVIL.slice(0, 60) } })
    await until('the debug message', 30_000, async () => (await designer.running()).length === NODES.length || undefined)
  }, 120_000)
  afterAll(async () => {
    if (programId) await designer.client.call(removeProgram, { params: { programId } })
    if (userId) await designer.client.call(removeAccount, { params: { userId } })
    await designer?.client.call(setEnvironment, { body: { kind: 'unmarked', name: 'Cellwright' } })
    await designer?.close()
  }, 30_000)

  it.each(PAGES)('are text on %s', async (path) => {
    const { page, client } = designer
    await page.goto(`${client.access.url}${path}`)
    await page.locator('main').first().waitFor()
    // what it shows is what the server answers to all that it asks at first
    await page.waitForLoadState('networkidle')
    expect(await became(page)).toEqual([])
  })

  it('are there to be seen: the page shows them as they were given', async () => {
    const { page, client } = designer
    await page.goto(client.access.url)
    await page.getByText('<img src=x-evil onerror=evil()>').first().waitFor()
    expect(await became(page)).toEqual([])
  })
})
