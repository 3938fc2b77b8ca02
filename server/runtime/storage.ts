/**
 * Node-RED's storage module over the gateway. A plain object: Node-RED finds optional methods with
 * `hasOwnProperty` (@node-red/runtime/lib/storage/index.js), so a class instance would silently lose settings.
 *
 * Node-RED saves credentials before flows and cannot take them back when the flows are refused. So credentials
 * wait here and go to the gateway together with the flows; after a refusal the old ones are put back in memory.
 */
import { messageOf } from '../../base/errors.ts'
import type { FlowNode } from '../api/flows.ts'
import type { GatewayLink } from './gateway-link.ts'
import type { EditorUser } from './node-red.ts'

type CredentialSet = Record<string, Record<string, unknown>>

export function createStorage(link: GatewayLink, options: { restoreCredentials: (good: CredentialSet) => Promise<void> }) {
  let good: CredentialSet = {}
  let staged: CredentialSet | undefined
  let isUnreadable = false
  return {
    async init() {},
    async getFlows() {
      return (await link.callPatiently('load', { what: 'flows' })) ?? []
    },
    async getCredentials() {
      const found = ((await link.callPatiently('load', { what: 'credentials' }).catch((error: unknown) => {
        isUnreadable = isKeyTrouble(error)
        // flows then stay stopped and say so, instead of running without their passwords
        throw isUnreadable ? Object.assign(new Error(messageOf(error)), { code: 'credentials_load_failed' }) : error
      })) ?? {}) as CredentialSet
      good = structuredClone(found)
      return found
    },
    async saveCredentials(credentials: CredentialSet) {
      staged = structuredClone(credentials)
    },
    async saveFlows(flows: FlowNode[], user?: EditorUser) {
      // the set that nobody can read ends with the next deploy; the gateway keeps it as the one before
      const credentials = staged ?? (isUnreadable ? {} : undefined)
      staged = undefined
      try {
        await link.call('saveFlows', {
          flows,
          ...(credentials === undefined ? {} : { credentials }),
          ...(user?.username === undefined ? {} : { by: user.username }),
          ...(user?.ticket === undefined ? {} : { ticket: user.ticket }),
        })
      } catch (error) {
        await options.restoreCredentials(structuredClone(good))
        throw error
      }
      isUnreadable = false
      if (credentials) good = credentials
    },
    // null means to Node-RED that settings cannot be kept at all
    getSettings: async () => (await link.callPatiently('load', { what: 'settings' })) ?? {},
    saveSettings: (data: unknown) => link.callPatiently('save', { what: 'settings', data }),
    getSessions: async () => (await link.callPatiently('load', { what: 'sessions' })) ?? {},
    saveSessions: (data: unknown) => link.callPatiently('save', { what: 'sessions', data }),
    async getLibraryEntry(type: string, path: string) {
      return link.call('loadLibrary', { type, path })
    },
    saveLibraryEntry: (type: string, path: string, meta: unknown, body: string) => link.call('saveLibrary', { type, path, meta, body }),
  }
}

const isKeyTrouble = (error: unknown) => (error as { code?: unknown }).code === 'secret-unreadable'
