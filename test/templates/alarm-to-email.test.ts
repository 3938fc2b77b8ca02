/** The template "alarm to e-mail and stack light" in a shop: a real SMTP server gets the alarm, and the output of a controller switches. */
import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addMachine,
  answerAsk,
  deployFlows,
  type FlowNode,
  getFlows,
  importTemplate,
  listAsks,
  listMachines,
  listTemplates,
  listTriggers,
  previewTemplate,
} from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'

interface Session {
  user?: string
  envelope: { mailFrom: { address: string }; rcptTo: { address: string }[] }
}
interface SmtpServer {
  server: Server
  listen(port: number, host: string, done: () => void): void
  close(done: () => void): void
}
interface SmtpOptions {
  disabledCommands: string[]
  allowInsecureAuth: boolean
  onAuth(auth: { username: string; password: string }, session: Session, done: (error: Error | null, answer?: { user: string }) => void): void
  onData(stream: Readable, session: Session, done: (error?: Error) => void): void
}
// the peer that the package brings
const { SMTPServer } = createRequire(createRequire(import.meta.url).resolve('node-red-node-email/package.json'))('smtp-server') as {
  SMTPServer: new (options: SmtpOptions) => SmtpServer
}

let product: Product
let smtp: SmtpServer
const mails: { from: string; to: string[]; text: string }[] = []
const PASSWORD = 'a password of a mailbox'

beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'machines' && password === PASSWORD ? done(null, { user: username }) : done(new Error('Invalid username or password')),
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({ from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() })
        done()
      })
    },
  })
  await new Promise<void>((listening) => smtp.listen(0, '127.0.0.1', listening))
  product = await startTestProduct()
  const envelopeMm = { min: [-20, -20, -60] as [number, number, number], max: [380, 280, 40] as [number, number, number] }
  for (const id of ['mill', 'lathe'])
    await product.client.call(addMachine, { body: { id, name: id, link: { kind: 'virtual', timeScale: 100 }, envelopeMm, whenRequesterGone: 'finish' } })
}, 120_000)
afterAll(async () => {
  await product?.close()
  await new Promise<void>((closed) => (smtp ? smtp.close(closed) : closed()))
})

const modal = async (id: string) => (await product.client.call(listMachines, {})).find((machine) => machine.id === id)?.state?.modal

test('an alarm is sent with the account of the shop, and a light burns until somebody has seen it', { timeout: 300_000 }, async () => {
  const { client } = product
  expect(await client.call(listTemplates, {})).toContainEqual(expect.objectContaining({ id: 'alarm-to-email', takes: 'flows.code', isMissing: false }))
  const parameters = {
    machine: 'mill',
    lightMachine: 'lathe',
    to: 'setter@shop.example',
    from: 'machines@shop.example',
    server: '127.0.0.1',
    port: (smtp.server.address() as AddressInfo).port,
    secure: false,
  }
  const request = { parameters, keepsChanges: true }
  expect(await client.call(previewTemplate, { params: { templateId: 'alarm-to-email' }, body: request })).toMatchObject({ isReady: true, problems: [] })
  await client.call(importTemplate, { params: { templateId: 'alarm-to-email' }, body: { ...request, to: 'deploy' } })
  const flows = (await client.call(getFlows, {})).flows as FlowNode[]
  const at = (type: string) => flows.find((node) => node.type === type)?.id as string
  // entered at the node, as a person does; never in a template
  await client.call(deployFlows, { body: { flows, kind: 'nodes', credentials: { [at('e-mail')]: { userid: 'machines', password: PASSWORD } } } })
  expect(JSON.stringify((await client.call(getFlows, {})).flows)).not.toContain(PASSWORD)

  const triggerId = at('cw-event-trigger')
  await until('the trigger is announced', 60_000, async () => (await client.call(listTriggers, {})).some(({ id }) => id === triggerId))
  await until('both machines are there', 60_000, async () => (await modal('lathe')) !== undefined && (await modal('mill')) !== undefined)
  process.kill(await product.pidOf('virtual:mill'), 'SIGKILL')
  const mail = await until('the e-mail', 60_000, () => mails[0])
  expect(mail).toMatchObject({ from: 'machines@shop.example', to: ['setter@shop.example'] })
  expect(mail.text).toMatch(/^Subject: Machine: \S/m)
  expect(mail.text).toMatch(/^Machine: mill$/m)

  await until('the light burns', 60_000, async () => (await modal('lathe'))?.includes('M7'))
  const ask = await until('somebody is asked', 60_000, async () => (await client.call(listAsks, {})).find(({ nodeId }) => nodeId === at('cw-wait-person')))
  expect(mail.text).toContain(ask.ask.title.slice(0, 30))
  await client.call(answerAsk, { params: { stepId: ask.stepId }, body: { answerId: 'answer-0001', choice: 'yes', values: {} } })
  await until('the light is off', 60_000, async () => (await modal('lathe'))?.includes('M7') === false)
  expect(mails).toHaveLength(1)
})
