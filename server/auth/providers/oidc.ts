/**
 * OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce, by openid-client. The library checks issuer, audience, times,
 * nonce, signature and algorithm of the id token (OpenID Connect Core 1.0, 3.1.3.7) and the issuer of the answer (RFC 9207).
 *
 * better-auth's own plug-in was not taken: it ties people by their mail address, takes its claims without a signature's check from wherever
 * they come, and would open addresses of its own beside ours.
 */
import * as client from 'openid-client'
import { Agent, fetch as fetchWith } from 'undici'
import type { OidcSettings } from '../../api/index.ts'
import { isLoopbackHost } from '../../tls/mode.ts'
import { trustWith } from './company-ca.ts'
import { away, lineOf, misset, refusedThere, stale, unproven } from './refusals.ts'

const TIMEOUT_S = 15
const ANSWER_BYTES = 1_000_000
/** Signing out waits no longer for the provider to say where it goes on. */
const END_MS = 3000
/** What the provider says of itself is asked anew after this. */
const KNOWN_MS = 3_600_000

/** The part of a provider that a conversation needs. */
export interface OidcProvider {
  id: string
  name: string
  /** Changes whenever the settings do. */
  at: Date
  settings: Pick<OidcSettings, 'issuer' | 'clientId' | 'scopes' | 'asksAlways' | 'clockToleranceS' | 'ca'>
  secret: string
}

/** What must be kept between the way there and the way back. */
export interface Begun {
  state: string
  nonce: string
  verifier: string
  redirectUri: string
}

interface Proven {
  claims: Record<string, unknown> & { sub: string }
  idToken: string
}

/** Addresses as people copy them lead to their provider as well. */
export const issuerFrom = (text: string): string => text.trim().replace(/\/\.well-known\/openid-configuration\/?$/, '')
/** Encrypted, or a provider on this computer. */
export const mayBeIssuer = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { username, search, hash } = new URL(text)
  return mayBeEndpoint(text) && username === '' && search === '' && hash === ''
}

/** Encrypted, or on this computer. */
export const mayBeEndpoint = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname.replaceAll(/^\[|\]$/g, '')))
}

/** Fetch with the company's authority; answers of a size that a provider's have. */
function fetchFor(ca: string): { fetch: client.CustomFetch; close: () => void } {
  const trusted = trustWith(ca)
  const agent = new Agent({ connect: { timeout: TIMEOUT_S * 1000, ...(trusted ? { ca: trusted } : {}) }, maxResponseSize: ANSWER_BYTES })
  return {
    fetch: (url, options) => fetchWith(url, { ...options, dispatcher: agent } as Parameters<typeof fetchWith>[1]) as unknown as Promise<Response>,
    close: () => void agent.close(),
  }
}

/**
 * Asks the provider what it is.
 * @throws the library's errors
 */
export async function discover({ settings, secret }: Pick<OidcProvider, 'settings' | 'secret'>): Promise<{ config: client.Configuration; close: () => void }> {
  const { fetch, close } = fetchFor(settings.ca)
  const issuer = new URL(settings.issuer)
  try {
    const options: client.DiscoveryRequestOptions = {
      [client.customFetch]: fetch,
      timeout: TIMEOUT_S,
      // else what comes straight from the provider is not checked for its signature
      execute: [client.enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [])],
    }
    const metadata = { [client.clockTolerance]: settings.clockToleranceS }
    // how the secret is handed over stands in what is asked for here: Basic is what counts when nothing is said (OpenID Connect Discovery 1.0, 3)
    const auth: client.ClientAuth = (as, own, body, headers) => {
      const known = as.token_endpoint_auth_methods_supported
      const way =
        secret === ''
          ? client.None()
          : known === undefined || known.includes('client_secret_basic')
            ? client.ClientSecretBasic(secret)
            : client.ClientSecretPost(secret)
      return way(as, own, body, headers)
    }
    return { config: await client.discovery(issuer, settings.clientId, metadata, auth, options), close }
  } catch (error) {
    close()
    throw error
  }
}

/**
 * How many of the provider's keys can sign a token (RFC 7517).
 * @throws where they cannot be fetched or read
 */
export async function signingKeys(config: client.Configuration): Promise<number> {
  const { jwks_uri } = config.serverMetadata()
  if (jwks_uri === undefined) throw new Error('its discovery document names no jwks_uri')
  const get = config[client.customFetch] ?? fetch
  const answer = await get(jwks_uri, {
    method: 'GET',
    headers: { accept: 'application/json' },
    body: null,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_S * 1000),
  })
  if (answer.status !== 200) throw new Error(`${jwks_uri} answers with ${answer.status}`)
  const { keys } = (await answer.json()) as { keys?: unknown }
  if (!Array.isArray(keys)) throw new Error(`${jwks_uri} holds no keys`)
  return keys.filter((key: { kty?: unknown; use?: unknown }) => key.kty !== 'oct' && key.use !== 'enc').length
}

/** What went wrong, for the person and for the audit log. Causes are left out: they hold claims and tokens. */
function refusalOf(name: string, error: unknown): Error {
  if (error instanceof client.AuthorizationResponseError) return refusedThere(name, { reason: lineOf(`${error.error} ${error.error_description ?? ''}`) })
  if (error instanceof client.ResponseBodyError) {
    const reason = lineOf(`${error.error} ${error.error_description ?? ''}`)
    return error.error === 'invalid_grant' ? stale({ reason }) : misset(name, reason)
  }
  // a client id or secret that is not taken (RFC 6749, 5.2), or a token that is not (RFC 6750, 3)
  if (error instanceof client.WWWAuthenticateChallengeError) {
    const said = error.cause.map(({ scheme, parameters }) => [scheme, parameters.error, parameters.error_description].filter(Boolean).join(' '))
    return misset(name, lineOf(`${error.status} ${said.join('; ')}`))
  }
  const { code } = error as { code?: unknown }
  const isNetwork = error instanceof TypeError && code === undefined
  if (isNetwork || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return away(name, (error as Error).cause ?? error)
  if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || code === 'OAUTH_RESPONSE_IS_NOT_JSON' || code === 'OAUTH_PARSE_ERROR') return away(name, error)
  return unproven({ reason: lineOf(error) })
}

export interface Oidc {
  /** @throws `provider-away` */
  begin(provider: OidcProvider, redirectUri: string): Promise<{ url: string; begun: Begun }>
  /**
   * @param search the query of the address that the browser came back to, with `?`
   * @throws `provider-refused`, `provider-away`, `provider-misset`, `sign-in-stale`, `sign-in-unproven`
   */
  finish(provider: OidcProvider, begun: Begun, search: string): Promise<Proven>
  /** Where signing out goes on; undefined where the provider offers nothing, or does not answer soon. */
  endUrl(provider: OidcProvider, options: { idToken: string | undefined; backTo: string }): Promise<string | undefined>
  close(): void
}

export function createOidc(): Oidc {
  const known = new Map<string, { at: number; until: number; found: ReturnType<typeof discover> }>()
  const forget = (id: string) => {
    const before = known.get(id)
    known.delete(id)
    before?.found.then(
      ({ close }) => close(),
      () => {
        // nothing was opened
      },
    )
  }
  const configOf = async (provider: OidcProvider): Promise<client.Configuration> => {
    const before = known.get(provider.id)
    if (before && (before.at !== provider.at.getTime() || before.until < Date.now())) forget(provider.id)
    const entry = known.get(provider.id) ?? { at: provider.at.getTime(), until: Date.now() + KNOWN_MS, found: discover(provider) }
    known.set(provider.id, entry)
    try {
      return (await entry.found).config
    } catch (error) {
      if (known.get(provider.id) === entry) known.delete(provider.id)
      // an issuer that calls itself otherwise is nothing that passes
      throw (error as { code?: unknown }).code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' ? misset(provider.name, lineOf(error)) : away(provider.name, error)
    }
  }
  return {
    async begin(provider, redirectUri) {
      const config = await configOf(provider)
      const begun: Begun = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier(), redirectUri }
      const scopes = new Set(['openid', ...provider.settings.scopes.split(/\s+/).filter(Boolean)])
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: [...scopes].join(' '),
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        ...(provider.settings.asksAlways ? { prompt: 'login' } : {}),
      })
      return { url: url.href, begun }
    },
    async finish(provider, begun, search) {
      const config = await configOf(provider)
      try {
        const tokens = await client.authorizationCodeGrant(config, new URL(`${begun.redirectUri}${search}`), {
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.verifier,
          idTokenExpected: true,
        })
        const own = tokens.claims()
        if (!own || tokens.id_token === undefined) throw unproven({ reason: 'no id token' })
        // many providers name groups and names only there; its `sub` is compared with the token's
        const more = config.serverMetadata().userinfo_endpoint === undefined ? {} : await client.fetchUserInfo(config, tokens.access_token, own.sub)
        return { claims: { ...more, ...own }, idToken: tokens.id_token }
      } catch (error) {
        throw error instanceof Error && 'told' in error ? error : refusalOf(provider.name, error)
      }
    },
    async endUrl(provider, { idToken, backTo }) {
      const { promise: late, resolve } = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => resolve(undefined), END_MS)
      try {
        const config = await Promise.race([configOf(provider), late])
        if (config?.serverMetadata().end_session_endpoint === undefined) return undefined
        return client.buildEndSessionUrl(config, { post_logout_redirect_uri: backTo, ...(idToken ? { id_token_hint: idToken } : {}) }).href
      } catch {
        // the session here is over all the same
        return undefined
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      for (const id of [...known.keys()]) forget(id)
    },
  }
}
