import { createRequire } from 'node:module'
import { beforeAll, expect, test } from 'vitest'
import { fenceMail } from './mail-fence.ts'

interface Mailer {
  createTransport(options: object): { sendMail(mail: object): Promise<{ message: Buffer }> }
}
// as the e-mail nodes load it
const require = createRequire(import.meta.url)
const mailer = createRequire(require.resolve('node-red-node-email/package.json'))('nodemailer') as Mailer

beforeAll(() => fenceMail())

const send = (attachments: object[]) =>
  mailer
    .createTransport({ streamTransport: true, buffer: true })
    .sendMail({ from: 'a@shop.example', to: 'b@shop.example', subject: 'x', text: 'y', attachments })

test('what is in a message can be attached', async () => {
  expect((await send([{ filename: 'part.txt', content: 'measured' }])).message.toString()).toContain(Buffer.from('measured').toString('base64'))
})
test.each([
  ['a file of this server', { path: import.meta.filename }],
  ['an address', { path: 'http://127.0.0.1:1/secret' }],
  ['an address by another name', { href: 'http://127.0.0.1:1/secret' }],
])('%s cannot be attached', async (_what, attachment) => {
  await expect(send([attachment])).rejects.toThrow(/access rejected/i)
})
