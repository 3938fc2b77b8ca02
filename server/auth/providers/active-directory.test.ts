/** What Active Directory says that OpenLDAP cannot: its own reasons behind a refused bind, an id of bytes, a filter for nested groups. */
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LdapAddress, signInAt } from './ldap.ts'

const tlv = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
/** The first element of a buffer (X.690, 8.1). */
const read = (bytes: Buffer): { tag: number; body: Buffer; size: number } => {
  const first = bytes[1] ?? 0
  const count = first & 0x80 ? first & 0x7f : 0
  const length = count ? bytes.readUIntBE(2, count) : first
  const start = 2 + count
  return { tag: bytes[0] ?? 0, body: bytes.subarray(start, start + length), size: start + length }
}
const result = (tag: number, code: number, message = '') => tlv(tag, tlv(0x0a, Buffer.from([code])), tlv(0x04), tlv(0x04, message))
const attribute = (name: string, ...values: (Buffer | string)[]) => tlv(0x30, tlv(0x04, name), tlv(0x31, ...values.map((value) => tlv(0x04, value))))

const GUID = Buffer.from('00ff10203040506070809fa0b0c0d0e0', 'hex')
const PERSON = 'CN=Bert,OU=People,DC=shop,DC=example'
const SERVICE = 'CN=reader,DC=shop,DC=example'
/** `data` of the answer to the person's bind (Microsoft, "LDAP Bind return codes"); undefined: it is taken. */
let reason: string | undefined
const filters: string[] = []

/** RFC 4511: bind (0x60), search (0x63) and what is answered to them. */
function answersTo(message: Buffer): Buffer[] {
  const { body } = read(message)
  const id = read(body)
  const operation = read(body.subarray(id.size))
  const wrap = (...parts: Buffer[]) => tlv(0x30, body.subarray(0, id.size), ...parts)
  if (operation.tag === 0x60) {
    const isPerson = operation.body.includes(PERSON)
    const refused = isPerson && reason !== undefined
    return [
      wrap(result(0x61, refused ? 49 : 0, refused ? `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${reason}, v4563` : '')),
    ]
  }
  if (operation.tag !== 0x63) return []
  const isGroups = operation.body.includes('1.2.840.113556.1.4.1941')
  filters.push(operation.body.toString('latin1'))
  const entry = isGroups
    ? tlv(0x64, tlv(0x04, 'CN=Shop,OU=Groups,DC=shop,DC=example'), tlv(0x30))
    : tlv(0x64, tlv(0x04, PERSON), tlv(0x30, attribute('sAMAccountName', 'bert'), attribute('displayName', 'Bert Dreher'), attribute('objectGUID', GUID)))
  return [wrap(entry), wrap(result(0x65, 0))]
}

let server: Server
let settings: LdapAddress
beforeAll(async () => {
  server = createServer((socket) => {
    let waiting = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk])
      while (waiting.length > 2 && read(waiting).size <= waiting.length) {
        const { size } = read(waiting)
        for (const answer of answersTo(waiting.subarray(0, size))) socket.write(answer)
        waiting = waiting.subarray(size)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  settings = {
    servers: [`ldap://127.0.0.1:${(server.address() as AddressInfo).port}`],
    startTls: false,
    allowsPlain: false,
    bindDn: SERVICE,
    baseDn: 'DC=shop,DC=example',
    userFilter: '(&(objectCategory=person)(objectClass=user)(sAMAccountName={user}))',
    userNameAttribute: 'sAMAccountName',
    nameAttribute: 'displayName',
    mailAttribute: 'mail',
    idAttribute: 'objectGUID',
    groups: 'search',
    groupFilter: '(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))',
    timeoutS: 10,
    ca: '',
  }
})
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

const signIn = () => signInAt({ name: 'AD', settings, secret: 'reads all' }, { userName: 'bert', password: 'right' })

test('an id of bytes is kept as it is, and nested groups are asked for by the matching rule', async () => {
  reason = undefined
  expect(await signIn()).toEqual({
    subject: GUID.toString('hex'),
    userName: 'bert',
    name: 'Bert Dreher',
    mail: undefined,
    groups: ['CN=Shop,OU=Groups,DC=shop,DC=example'],
  })
  expect(filters.some((filter) => filter.includes('1.2.840.113556.1.4.1941') && filter.includes(PERSON))).toBe(true)
})

// 533 and others come after a right password alone: they may be told. 525, 52e and 775 would say who there is
test.each([
  ['52e', 'sign-in-wrong', 'wrong password'],
  ['525', 'sign-in-wrong', 'user not found'],
  ['775', 'sign-in-wrong', 'locked in the directory'],
  ['532', 'provider-refused', 'password expired'],
  ['533', 'provider-refused', 'disabled in the directory'],
  ['701', 'provider-refused', 'expired in the directory'],
  ['773', 'provider-refused', 'password must be changed'],
  ['abc', 'sign-in-wrong', 'wrong password'],
])('its reason %s is %s for the person, and "%s" in the audit log', async (data, code, told) => {
  reason = data
  await expect(signIn()).rejects.toMatchObject({ code, told: { userName: 'bert', reason: told } })
})
