/**
 * The e-mail node hands what is in a message to nodemailer, and there an attachment may be a path or an address: whoever can put a
 * message in could have this server send its own files. Here attachments are what is in the message and nothing else.
 */
import { createRequire } from 'node:module'

type CreateTransport = (options: object, defaults?: object) => unknown

/** Call before Node-RED loads its nodes. @throws what the package throws when it is there and cannot be loaded */
export function fenceMail(): void {
  const ownRequire = createRequire(import.meta.url)
  const mailer = createRequire(ownRequire.resolve('node-red-node-email/package.json'))('nodemailer') as { createTransport: CreateTransport }
  const { createTransport } = mailer
  mailer.createTransport = (options, defaults) => createTransport({ ...options, disableFileAccess: true, disableUrlAccess: true }, defaults)
}
