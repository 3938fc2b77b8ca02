/** When people are looked up again. What then happens to them is tried against a real directory in ldap.test.ts. */
import { expect, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import { checker } from '../../../base/schema.ts'
import { LdapSettings } from '../../api/index.ts'
import { createRechecks } from './recheck.ts'
import type { Provider } from './settings.ts'

const settings = checker(LdapSettings).parse(
  { servers: ['ldaps://dc1.shop.example'], bindDn: 'cn=reader', baseDn: 'dc=shop', userFilter: '(uid={user})' },
  'settings',
)
const provider = (id: string, more: Partial<LdapSettings> = {}, isOn = true): Provider => ({
  ...{ id, kind: 'ldap', name: id, isOn, by: 'anna', at: new Date(), secret: 'x' },
  settings: { ...settings, ...more },
})

test('each directory in its own time, by the host that leads, and only where a service account can look', async () => {
  const all = [
    provider('usual'),
    provider('seldom', { recheckMinutes: 60 }),
    provider('never', { recheckMinutes: 0 }),
    provider('anonymous', { bindDn: '' }),
    provider('off', {}, false),
  ]
  const asked: string[] = []
  let minutes = 0
  let leads = true
  const rechecks = createRechecks({
    providers: { list: async () => all, get: async (id) => all.find((one) => one.id === id) as Provider },
    identities: {
      openAt: async (id) => {
        asked.push(id)
        return []
      },
      again: async () => ({ isOut: false }),
    },
    audit: { record: () => {} } as never,
    log: createLog('gateway', 'silent'),
    now: () => minutes * 60_000,
  })
  rechecks.start(() => leads)
  try {
    const at = async (time: number) => {
      minutes = time
      asked.length = 0
      await rechecks.look()
      return [...asked]
    }
    expect(settings.recheckMinutes).toBe(15)
    expect(await at(0)).toEqual([])
    expect(await at(14)).toEqual([])
    expect(await at(15)).toEqual(['usual'])
    expect(await at(16)).toEqual([])
    leads = false
    expect(await at(120)).toEqual([])
    leads = true
    expect(await at(121)).toEqual(['usual', 'seldom'])
    expect(await at(136)).toEqual(['usual'])
  } finally {
    rechecks.close()
  }
})
