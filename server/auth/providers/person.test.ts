import { expect, test } from 'vitest'
import { claimOf, exactly, inDirectory, personFrom, roleFor, userNameFrom } from './person.ts'

const claims = { userNameClaim: 'preferred_username', cutsAt: true, nameClaim: 'name', mailClaim: 'email', groupsClaim: 'groups' }

test.each([
  ['anna@company.example', true, 'anna'],
  ['anna@company.example', false, 'anna-company.example'],
  ['COMPANY\\anna', true, 'COMPANY-anna'],
  ['Jörg Weiß', true, 'Jorg-Weiss'],
  ['@company.example', true, 'company.example'],
  ['x', true, undefined],
  ['李', true, undefined],
  ['a'.repeat(60), true, 'a'.repeat(40)],
])('%s (cut: %s) is %s here', (text, cutsAt, name) => {
  expect(userNameFrom(text, cutsAt)).toBe(name)
})

test('a claim is found by its whole name, then by steps; what an object inherits is none', () => {
  expect(claimOf({ 'https://company.example/groups': ['a'] }, 'https://company.example/groups')).toEqual(['a'])
  expect(claimOf({ realm_access: { roles: ['b'] } }, 'realm_access.roles')).toEqual(['b'])
  expect(claimOf({ a: 'text' }, 'a.length')).toBeUndefined()
  expect(claimOf({}, 'constructor')).toBeUndefined()
})

test('groups may be one text or a list; where the provider leaves them away it is said', () => {
  expect(personFrom({ sub: 's', preferred_username: 'anna', groups: 'shop' }, claims)).toMatchObject({ groups: ['shop'], name: 'anna' })
  expect(personFrom({ sub: 's', preferred_username: 'anna', groups: [{ id: 1 }, 7, 'shop'] }, claims)).toMatchObject({ groups: ['7', 'shop'] })
  // Entra, more than 200 groups
  expect(personFrom({ sub: 's', preferred_username: 'anna', _claim_names: { groups: 'src1' } }, claims)).toEqual({ tooManyGroups: true })
  expect(personFrom({ sub: 's', preferred_username: ['anna'] }, claims)).toEqual({ missing: 'preferred_username' })
})

test('the first line that fits gives the role, whatever the order of the groups', () => {
  const table = {
    roles: [
      { group: 'admins', role: 'admin' },
      { group: 'shop', role: 'operator' },
    ],
    otherwise: 'refuse',
  }
  expect(roleFor(['shop', 'admins'], table, exactly)).toEqual({ role: 'admin', group: 'admins' })
  expect(roleFor(['Shop'], table, exactly)).toBeUndefined()
  expect(roleFor([], { ...table, otherwise: 'viewer' }, exactly)).toEqual({ role: 'viewer' })
})

test('a group of a directory is meant by its whole name or by its own', () => {
  const dn = 'CN=Setters, OU=Groups,DC=shop,DC=example'
  expect(inDirectory(dn, 'cn=setters,ou=groups, dc=SHOP,dc=example')).toBe(true)
  expect(inDirectory(dn, 'cn=setters,ou=elsewhere,dc=shop,dc=example')).toBe(false)
  expect(inDirectory(dn, 'setters')).toBe(true)
  expect(inDirectory(dn, 'setter')).toBe(false)
  expect(inDirectory('cn=a\\,b,ou=groups', 'a,b')).toBe(true)
})
