import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { checker } from '../../base/schema.ts'
import { connectorConformance } from '../conformance.ts'
import type { InboxProblem, RunningConnector } from '../contract.ts'
import type { AnyConnector } from '../index.ts'
import { workOrderFolder } from './index.ts'
import { writeConfirmation } from './write-confirmation.ts'

const connector = workOrderFolder as unknown as AnyConnector

connectorConformance(connector, async () => {
  const root = await mkdtemp(join(tmpdir(), 'cw-folder-'))
  const inbox = join(root, 'in')
  const outbox = join(root, 'out')
  await mkdir(inbox)
  await mkdir(outbox)
  let files = 0
  const drop = async (text: string) => {
    files += 1
    await writeFile(join(root, 'next'), text)
    await rename(join(root, 'next'), join(inbox, `orders ${files}.csv`))
  }
  const list = async (folder: string) => readdir(folder).catch(() => [] as string[])
  const confirmationFiles = async () => (await list(outbox)).filter((name) => name.startsWith('confirmation-'))
  return {
    settings: { inbox, outbox, pollSeconds: 0.2, settleSeconds: 0.1 },
    badSettings: { inbox: join(root, 'nowhere'), outbox },
    brokenBatchRule: 'whole-refused',
    offerOrders: (orders) => drop(`number;part;quantity\n${orders.map((o) => `${o.number};${o.part};${o.quantity}`).join('\n')}\n`),
    async offerBroken(goodNumber) {
      await drop(`number;part;quantity\n${goodNumber};Bracket;3\n9999;Bracket;many\n`)
      return ['row 3', 'quantity', 'many']
    },
    async vanish() {
      await rename(inbox, `${inbox} gone`)
      await rename(outbox, `${outbox} gone`)
    },
    async comeBack() {
      await rename(`${inbox} gone`, inbox)
      await rename(`${outbox} gone`, outbox)
    },
    isAllMarked: async () => (await list(join(inbox, 'done'))).length === files,
    async confirmations() {
      return Promise.all(
        (await confirmationFiles()).map(async (name) => {
          const { key, workOrder, confirmation } = JSON.parse(await readFile(join(outbox, name), 'utf8'))
          return { key, workOrder, body: confirmation }
        }),
      )
    },
    async consumeConfirmations() {
      for (const name of await confirmationFiles()) await rm(join(outbox, name))
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
})

describe('work-order folder', () => {
  let root: string
  let inbox: string
  let running: RunningConnector | undefined
  const orders = new Map<string, unknown>()
  const problems: InboxProblem[] = []
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cw-folder-'))
    inbox = join(root, 'in')
    await mkdir(inbox)
    await mkdir(join(root, 'out'))
    orders.clear()
    problems.length = 0
  })
  afterEach(async () => {
    await running?.close()
    running = undefined
    await rm(root, { recursive: true, force: true })
  })
  const start = async (more: Record<string, unknown> = {}) => {
    const settings = checker(workOrderFolder.settings).parse({ inbox, outbox: join(root, 'out'), pollSeconds: 0.2, settleSeconds: 0.1, ...more }, 'settings')
    running = await workOrderFolder.start({
      settings,
      secrets: {},
      context: {
        async offer(items) {
          for (const item of items) orders.set(item.key, item.payload)
          return { taken: items.length, known: 0 }
        },
        events: async () => {},
        marks: async () => ({}),
        problem: (problem) => problems.push(problem),
        state: () => {},
        signal: new AbortController().signal,
      },
    })
  }
  const until = async (fact: () => boolean | Promise<boolean>) => {
    const end = Date.now() + 30_000
    while (!(await fact())) {
      if (Date.now() > end) throw new Error('not so after 30 s')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const filesIn = (folder: string) => readdir(join(inbox, folder)).catch(() => [] as string[])

  it('reads a German semicolon file with BOM, tolerant column names and dotted dates', async () => {
    await writeFile(
      join(inbox, 'auftraege.csv'),
      '\uFEFFAuftrags-Nr.;Teil;Stückzahl;Termin;Bemerkung;NC-Programm\r\n4711;"Platte; gefräst";12;3.12.2026;eilig;platte.nc\r\n\r\n',
    )
    await start()
    await until(() => orders.size === 1)
    expect(orders.get('4711')).toEqual({ number: '4711', part: 'Platte; gefräst', quantity: 12, dueDate: '2026-12-03', program: 'platte.nc' })
  })

  it('reads tab-separated files, and JSON with one order or many', async () => {
    await writeFile(join(inbox, 'a.tsv'), 'Work Order\tPart No\tQty\tRev\nT1\tShaft\t2\tB\n')
    await writeFile(join(inbox, 'one.json'), JSON.stringify({ number: 17, part: 'Plate', quantity: 3, dueDate: '2026-12-01' }))
    await writeFile(join(inbox, 'many.json'), JSON.stringify([{ orderNumber: 'J1', part: 'Pin', qty: '4', material: 'C45' }]))
    await start()
    await until(() => orders.size === 3)
    expect(orders.get('T1')).toEqual({ number: 'T1', part: 'Shaft', quantity: 2, revision: 'B' })
    expect(orders.get('17')).toEqual({ number: '17', part: 'Plate', quantity: 3, dueDate: '2026-12-01' })
    expect(orders.get('J1')).toEqual({ number: 'J1', part: 'Pin', quantity: 4, material: 'C45' })
  })

  it('refuses a file with broken rows as a whole and writes every reason beside it', async () => {
    await start()
    await writeFile(join(inbox, 'bad.csv'), 'number,part,quantity,due date\nA1,Plate,5,\nA2,,5,\nA3,Plate,0,12/01/2026\nA4,Plate\n')
    // told last, when the reasons are written
    await until(() => problems.length >= 3)
    expect(await filesIn('refused')).toHaveLength(2)
    const reason = await readFile(join(inbox, 'refused', 'bad.csv.reason.txt'), 'utf8')
    expect(reason).toContain('row 3: part is missing')
    expect(reason).toMatch(/row 4: .*12\/01\/2026.*quantity "0"/)
    expect(reason).toContain('row 5: it has 2 cells, the header has 4')
    expect(orders.size).toBe(0)
    expect(problems.map(({ source }) => source)).toEqual(['bad.csv, row 3', 'bad.csv, row 4', 'bad.csv, row 5'])
    await writeFile(join(inbox, 'bad.csv'), 'number,part,quantity,due date\nA1,Plate,5,\n')
    await until(() => orders.size === 1)
  })

  it.each([
    ['not UTF-8', Buffer.from('number,part,quantity\n1,Gewinde\xfc,1\n', 'latin1'), 'UTF-8'],
    ['UTF-16', Buffer.from('\uFEFFnumber,part,quantity\n', 'utf16le'), 'UTF-16'],
    ['an open quote', Buffer.from('number,part,quantity\n1,"Plate,1\n'), 'uote'],
    ['no header', Buffer.from('1001,Plate,5\n'), 'header row needs'],
    ['a header only', Buffer.from('number,part,quantity\n'), 'no work order'],
    ['one number with two contents', Buffer.from('number,part,quantity\n1,Plate,5\n1,Plate,6\n'), 'order 1 stands already at row 2'],
  ])('refuses a file with %s and says so', async (_name, bytes, words) => {
    await writeFile(join(inbox, 'x.csv'), bytes)
    await start()
    await until(() => problems.length > 0)
    expect(problems[0]?.reason).toContain(words)
    expect(orders.size).toBe(0)
  })

  it('waits until a file has stopped growing, and leaves temporary and foreign files alone', async () => {
    // the clock of the folder stands while nothing moves it on, however long this test takes between two writes
    let clock = 0
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock)
    onTestFinished(() => now.mockRestore())
    await start({ settleSeconds: 0.5 })
    await writeFile(join(inbox, 'slow.csv'), 'number,part,quantity\nS1,Plate,1\n')
    await writeFile(join(inbox, 'upload.csv.part'), 'number,part,quantity\nP1,Plate,1\n')
    await writeFile(join(inbox, '.hidden.csv'), 'number,part,quantity\nH1,Plate,1\n')
    await writeFile(join(inbox, 'notes.docx'), 'x')
    for (let number = 2; number < 9; number += 1) {
      await writeFile(join(inbox, 'slow.csv'), `S${number},Plate,1\n`, { flag: 'a' })
      clock += 400
      // a look at it
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(orders.size).toBe(0)
    }
    // a look may have missed the last write until now
    await until(() => {
      clock += 400
      return orders.has('S8')
    })
    // it is put away when it was taken
    await until(async () => (await filesIn('done')).length === 1)
    expect([...orders.keys()].sort()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8'])
    expect((await readdir(inbox)).sort()).toEqual(['.hidden.csv', 'done', 'notes.docx', 'reading', 'upload.csv.part'])
  })

  it('keeps two files of the same name', async () => {
    await start()
    for (const number of ['1', '2']) {
      await writeFile(join(inbox, 'orders.csv'), `number,part,quantity\n${number},Plate,1\n`)
      await until(() => orders.has(number))
      await until(async () => (await filesIn('done')).length === Number(number))
    }
    expect((await filesIn('done')).sort()).toEqual(['orders (2).csv', 'orders.csv'])
  })

  it('refuses an outbox inside the inbox', async () => {
    const settings = checker(workOrderFolder.settings).parse({ inbox, outbox: inbox }, 'settings')
    await expect(workOrderFolder.check(settings, {})).rejects.toThrow(/neither inside the other/)
  })
})

describe('a confirmation whose writer is killed', () => {
  let outbox: string
  beforeEach(async () => {
    outbox = await mkdtemp(join(tmpdir(), 'cw-outbox-'))
  })
  afterEach(() => rm(outbox, { recursive: true, force: true }))

  /** @returns the signal it died of; null when it came to its end */
  const killedAt = (key: string, step: number) =>
    new Promise<string | null>((resolve, reject) => {
      const writer = spawn(process.execPath, [join(import.meta.dirname, 'killed-writer.ts'), outbox, key, String(step)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      writer.once('error', reject)
      writer.once('exit', (_code, signal) => resolve(signal))
    })
  /** As an ERP: reads what is there, whole or it throws, and takes it away. */
  const takeAway = async (seen: string[]) => {
    for (const name of (await readdir(outbox)).filter((entry) => !entry.startsWith('.'))) {
      seen.push((JSON.parse(await readFile(join(outbox, name), 'utf8')) as { key: string }).key)
      await rm(join(outbox, name))
    }
  }

  it('is there once after the next try, whichever step it died at, although the ERP takes it away between', async () => {
    let steps = 0
    for (let step = 1; ; step += 1) {
      const key = `k${step}`
      const seen: string[] = []
      const signal = await killedAt(key, step)
      await takeAway(seen)
      await writeConfirmation(outbox, { key, workOrder: '1001', body: { quantityGood: 4 } })
      await takeAway(seen)
      await writeConfirmation(outbox, { key, workOrder: '1001', body: { quantityGood: 4 } })
      await takeAway(seen)
      expect(seen, `killed at step ${step}`).toEqual([key])
      if (signal === null) break
      expect(signal).toBe('SIGKILL')
      steps = step
    }
    // it was truly killed on the way: before, in and after each write, and around the renames
    expect(steps).toBeGreaterThan(12)
  })

  it('is written once when it is asked for again while it is being written', async () => {
    const confirmation = { key: 'k', workOrder: '1001', body: { measured: Array.from({ length: 20_000 }, (_, index) => index / 7) } }
    const [first, second] = await Promise.all([writeConfirmation(outbox, confirmation), writeConfirmation(outbox, confirmation)])
    expect(second).toBe(first)
    const seen: string[] = []
    await takeAway(seen)
    expect(seen).toEqual(['k'])
  })
})
