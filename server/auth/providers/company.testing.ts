/** A real provider of OpenID Connect for tests (npm's oidc-provider), whose tokens can be spoilt on their way, and a browser without a window. */
import { createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto'
import { lookup as nameLookup } from 'node:dns'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import { type Configuration, Provider } from 'oidc-provider'
import { Agent, fetch } from 'undici'

export interface Employee {
  preferred_username?: string
  name?: string
  email?: string
  groups?: readonly string[]
  [claim: string]: unknown
}

export interface Company {
  readonly issuer: string
  /** By their `sub`; may be changed at any time. */
  readonly people: Map<string, Employee>
  readonly clientId: string
  readonly clientSecret: string
  /** What a client is told of: from now on the provider answers. */
  register(client: { redirectUri: string; signedOutUri: string; more?: Partial<Configuration> }): void
  /** Changes the id token that is given next, and the ones after. Undefined: none. */
  spoil: ((claims: Record<string, unknown>, sign: Sign) => string) | undefined
  close(): Promise<void>
}
/** A token signed with the provider's own key, or as the header says. */
type Sign = (claims: Record<string, unknown>, header?: Record<string, unknown>) => string

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** @param options.tls speaks HTTPS with this certificate @param options.host its name; it listens on this computer only, whatever that is */
export async function startCompany({
  tls,
  people = {},
  port = 0,
  host = '127.0.0.1',
}: {
  tls?: { cert: string; key: string }
  people?: Record<string, Employee>
  port?: number
  host?: string
} = {}): Promise<Company> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'company', alg: 'RS256', use: 'sig' }
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => void response.writeHead(503).end()
  const listener = (request: IncomingMessage, response: ServerResponse) => answer(request, response)
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const issuer = `${tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`
  const sign: Sign = (claims, header = {}) => {
    const head = { alg: 'RS256', kid: 'company', typ: 'JWT', ...header }
    const text = `${base64(head)}.${base64(claims)}`
    if (head.alg === 'none') return `${text}.`
    return `${text}.${createSign('RSA-SHA256')
      .update(text)
      .sign(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })))
      .toString('base64url')}`
  }
  const company: Company = {
    issuer,
    people: new Map(Object.entries(people)),
    clientId: 'cellwright',
    clientSecret: 'a secret with + and % and : in it',
    spoil: undefined,
    register({ redirectUri, signedOutUri, more }) {
      const provider = new Provider(issuer, {
        jwks: { keys: [jwk as never] },
        cookies: { keys: ['test'] },
        clients: [
          {
            client_id: company.clientId,
            client_secret: company.clientSecret,
            redirect_uris: [redirectUri],
            post_logout_redirect_uris: [signedOutUri],
            response_types: ['code'],
            grant_types: ['authorization_code'],
          },
        ],
        claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
        pkce: { required: () => true },
        ttl: { AccessToken: 300, IdToken: 300, Interaction: 600, Session: 600, Grant: 600 },
        findAccount: (_context, sub) => {
          const employee = company.people.get(sub)
          return employee && { accountId: sub, claims: async () => ({ ...employee, sub }) }
        },
        ...more,
      })
      provider.proxy = false
      provider.use(async (context, next) => {
        await next()
        const body = context.body as { id_token?: string } | undefined
        if (context.path !== '/token' || !company.spoil || !body?.id_token) return
        const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] as string, 'base64url').toString()) as Record<string, unknown>
        context.body = { ...body, id_token: company.spoil(claims, sign) }
      })
      answer = provider.callback()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return company
}

/** A browser without a window: keeps cookies, follows nothing by itself. */
export interface Surfer {
  open(
    url: string,
    options?: { form?: Record<string, string>; json?: unknown },
  ): Promise<{ status: number; location: string | undefined; text: string; url: string }>
  /** Signs in on the provider's pages. @returns the address that it sends the browser back to */
  passCompany(url: string, login: string): Promise<string>
  /** As a header, of the host. */
  cookies(url: string): string
  /** Of that host: as if somebody had never been there. */
  forget(url: string): void
}

/** @param options.here a name that means this computer */
export function newSurfer({ ca, here }: { ca?: string | string[]; here?: string } = {}): Surfer {
  const lookup: LookupFunction = (name, options, done) => nameLookup(name === here ? '127.0.0.1' : name, options, done)
  const agent = new Agent({ connect: { lookup, ...(ca ? { ca } : {}) } })
  const jars = new Map<string, Map<string, { value: string; path: string }>>()
  const surfer: Surfer = {
    cookies(url) {
      const { host, pathname } = new URL(url)
      return [...(jars.get(host) ?? [])]
        .filter(([, { path }]) => pathname.startsWith(path))
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; ')
    },
    forget: (url) => void jars.delete(new URL(url).host),
    async open(url, { form, json } = {}) {
      const answer = await fetch(url, {
        dispatcher: agent,
        redirect: 'manual',
        method: form || json !== undefined ? 'POST' : 'GET',
        headers: {
          cookie: surfer.cookies(url),
          ...(form
            ? { 'content-type': 'application/x-www-form-urlencoded' }
            : json === undefined
              ? { accept: 'text/html' }
              : { 'content-type': 'application/json', 'x-cellwright': '1' }),
        },
        ...(form ? { body: new URLSearchParams(form).toString() } : json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      const { host } = new URL(url)
      const jar = jars.get(host) ?? new Map<string, { value: string; path: string }>()
      jars.set(host, jar)
      for (const line of answer.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
        const at = pair.indexOf('=')
        const of = (name: string) => attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
        const expires = of('expires')
        if (expires !== undefined && new Date(expires).getTime() < Date.now()) jar.delete(pair.slice(0, at))
        else jar.set(pair.slice(0, at), { value: pair.slice(at + 1), path: of('path') ?? '/' })
      }
      const to = answer.headers.get('location')
      return { status: answer.status, location: to === null ? undefined : new URL(to, url).href, text: await answer.text(), url }
    },
    async passCompany(url, login) {
      const { host } = new URL(url)
      let at = await surfer.open(url)
      for (let step = 0; step < 12; step += 1) {
        if (at.location !== undefined) {
          if (new URL(at.location).host !== host) return at.location
          at = await surfer.open(at.location)
          continue
        }
        const action = /action="([^"]+)"/.exec(at.text)?.[1]
        if (action === undefined) throw new Error(`the provider shows ${at.status}: ${at.text.slice(0, 400)}`)
        const isLogin = at.text.includes('name="login"')
        at = await surfer.open(new URL(action, at.url).href, { form: isLogin ? { prompt: 'login', login, password: 'any' } : { prompt: 'consent' } })
      }
      throw new Error('the provider leads nowhere')
    },
  }
  return surfer
}
