/** Brings messages that nobody has acknowledged to another program, by an HTTP request each. */
import { type Static, Type } from 'typebox'
import { Agent, request } from 'undici'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { defineConnector, type Notice, type RunningConnector, type Told, takesNoConfirmations, type When } from '../contract.ts'
import { clientKey, tlsOptions, tlsSettings, tlsTrouble } from '../tls.ts'

const WITH_TLS: When = { field: 'url', starts: ['https:'] }
const ANSWER_MS = 15_000

const Settings = Type.Object(
  {
    url: Type.String({
      title: 'Address',
      // a name or password in it would be seen by everybody who sees the connection
      pattern: '^https?://[^@\\s]+$',
      maxLength: 1000,
      placeholder: 'https://chat.example.com/hooks/shop',
      description: 'Each message is sent there as JSON with POST: key, priority, title, text, machine, at.',
    }),
    ...tlsSettings(WITH_TLS),
  },
  { additionalProperties: false },
)
type Settings = Static<typeof Settings>

export const webhook = defineConnector({
  id: 'webhook',
  label: 'Webhook',
  summary: 'Sends messages that nobody has acknowledged to another program over HTTP.',
  use: 'For chat rooms, pagers, ticket systems and Node-RED elsewhere: what nobody at the panel has acknowledged in time is sent there. Choose it in the settings of the panel’s messages.',
  promises: [
    'A message is sent until it was taken (answer 2xx), with pauses of up to a minute, also over restarts of this server.',
    'When the answer was lost a message may come twice: each carries the same key in the header Idempotency-Key.',
    'An answer of 4xx ends it: it is then a dead letter that a person may have tried again.',
  ],
  settings: Settings,
  secrets: [
    { name: 'token', title: 'Token', description: 'Sent as “Authorization: Bearer …”, if the other side asks for one.', after: 'url' },
    clientKey(WITH_TLS),
  ],
  secretsAreFor: ['url', 'ca'],
  distinctBy: ['url'],
  notices: {},
  async check(settings, secrets) {
    const agent = agentFor(settings, secrets)
    try {
      // asks for nothing and changes nothing: that it answers is what is looked at
      const { statusCode } = await call(settings, secrets, { agent, method: 'HEAD' })
      if (statusCode === 401 || statusCode === 403) throw refused(settings, statusCode)
      const seen: Told = {
        code: 'webhook-seen',
        text: `${settings.url} answers (${statusCode}). No message was sent to it.`,
        blanks: { where: settings.url, status: statusCode },
      }
      return [seen]
    } finally {
      await agent.close()
    }
  },
  async start({ settings, secrets, context }) {
    const agent = agentFor(settings, secrets)
    context.state('running')
    return running(settings, secrets, agent)
  },
})

const agentFor = (settings: Settings, secrets: Record<string, string>) =>
  new Agent({ connect: tlsOptions(settings, secrets), headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS })

function running(settings: Settings, secrets: Record<string, string>, agent: Agent): RunningConnector {
  return {
    confirm: takesNoConfirmations,
    async notify(notice, signal) {
      const { statusCode } = await call(settings, secrets, { agent, method: 'POST', notice, signal })
      if (statusCode >= 200 && statusCode < 300) return { reference: `${settings.url} (${statusCode})` }
      // 408 and 429 ask to come again (RFC 9110, RFC 6585)
      if (statusCode >= 500 || statusCode === 408 || statusCode === 429) throw away(settings, `it answers ${statusCode}`)
      throw refused(settings, statusCode)
    },
    close: () => agent.destroy(),
  }
}

/** @throws OperationalError webhook-away; UserError certificate-… */
async function call(
  settings: Settings,
  { token }: Record<string, string>,
  { agent, method, notice, signal }: { agent: Agent; method: 'HEAD' | 'POST'; notice?: Notice; signal?: AbortSignal },
): Promise<{ statusCode: number }> {
  try {
    const { statusCode, body } = await request(settings.url, {
      dispatcher: agent,
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(notice ? { 'content-type': 'application/json', 'idempotency-key': notice.key } : {}),
      },
      ...(notice ? { body: JSON.stringify(notice) } : {}),
      ...(signal ? { signal } : {}),
    })
    await body.dump()
    return { statusCode }
  } catch (error) {
    throw tlsTrouble(error, settings.url) ?? away(settings, messageOf(error), error)
  }
}

function away({ url }: Settings, reason: string, cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'webhook-away',
    message: `${url} did not take it: ${reason}. Check the address, and that the program there runs.`,
    details: { blanks: { where: url, reason } },
    cause,
  })
}

function refused({ url }: Settings, status: number): UserError {
  return new UserError({
    code: 'webhook-refused',
    message: `${url} refuses (${status}). Correct the address or the token, or the rights there.`,
    details: { blanks: { where: url, status } },
  })
}
