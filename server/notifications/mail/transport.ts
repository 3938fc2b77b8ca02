/** One mail by SMTP. Every header comes from checked settings or is made here: nothing that a flow or a stranger wrote becomes one. */
import { messageOf } from '../../../base/errors.ts'
import type { MailSettings } from '../../api/index.ts'

const CONNECT_MS = 15_000
const IDLE_MS = 30_000
/** In all: a server that says a word now and then is not idle, and would be waited for without an end. */
const WHOLE_MS = 90_000

/** The settings as they are used: with the password in the clear. */
export interface MailServer extends Omit<MailSettings, 'hasPassword'> {
  password?: string
}

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** The same at every try: servers and readers know by it that it came twice. */
  messageId?: string
}

type FailedAt = 'reach' | 'tls' | 'password' | 'sender' | 'receiver' | 'message' | 'settings'
export interface MailAnswer {
  isSent: boolean
  /** In the mail server's own words. */
  answer?: string
  failedAt?: FailedAt
  /** Of SMTP. */
  status?: number
  /** There is no use in sending it again: the server said so for good. */
  isFinal?: boolean
}

/** One line, whatever it was: CR and LF would begin another header. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200)

/** What nodemailer tells of an error: https://nodemailer.com/smtp/ "Error codes". */
interface SmtpError {
  code?: string
  command?: string
  responseCode?: number
  response?: string
}

function failedAt({ code, command }: SmtpError, message: string): FailedAt {
  switch (code) {
    case 'EAUTH':
      return 'password'
    case 'ETLS':
      return 'tls'
    case 'ECONNECTION':
    case 'ETIMEDOUT':
    case 'EDNS':
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
      return 'reach'
    case 'EENVELOPE':
      return command?.startsWith('MAIL') ? 'sender' : 'receiver'
    case 'EMESSAGE':
      return 'message'
    default:
      // OpenSSL's own words come as an error of the socket
      return /certificate|ssl|tls|altnames/i.test(`${code} ${message}`) ? 'tls' : code === 'ESOCKET' ? 'reach' : 'settings'
  }
}

/**
 * Never throws: what the server said is the answer.
 * @param signal the end of whoever sends: nobody waits for the server then, whether it takes the mail or not
 */
export async function sendMail(server: MailServer, { to, subject, text, html, messageId }: Mail, signal?: AbortSignal): Promise<MailAnswer> {
  const { host, port, security, userName, password, from, fromName, ca } = server
  // loaded with the first mail: most starts send none
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    // begun in the clear and never gone on so: a server that offers no STARTTLS gets neither password nor mail
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) },
    ...(userName ? { auth: { user: userName, pass: password ?? '' } } : {}),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: IDLE_MS,
    // nothing of a mail is read from a file or an address
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const late = Promise.withResolvers<never>()
  const giveUp = () => late.reject(Object.assign(new Error(`The mail server was not done within ${WHOLE_MS / 1000} s.`), { code: 'ETIMEDOUT' }))
  const timer = setTimeout(giveUp, WHOLE_MS)
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  try {
    const sending = transport.sendMail({
      from: fromName ? { name: oneLine(fromName), address: from } : from,
      to: { name: '', address: to },
      subject: oneLine(subject),
      text,
      html,
      ...(messageId ? { messageId: `<${messageId}@${from.split('@')[1]}>` } : {}),
      // RFC 3834: nobody's absence answers it
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    const { response } = await Promise.race([sending, late.promise])
    return { isSent: true, answer: oneLine(response) }
  } catch (error) {
    const facts = error as SmtpError & { cause?: unknown }
    const at = failedAt(facts, messageOf(error))
    const status = facts.responseCode
    return {
      isSent: false,
      answer: (facts.response ?? messageOf(error)).trim(),
      failedAt: at,
      ...(status === undefined ? {} : { status }),
      // a wrong password and a server that is away are put right by somebody; a refused receiver is refused again
      isFinal: at !== 'password' && status !== undefined && status >= 500,
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
    transport.close()
  }
}
