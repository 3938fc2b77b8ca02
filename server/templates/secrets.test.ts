import { describe, expect, test } from 'vitest'
import { ownTime } from '../../base/own-time.ts'
import fc from '../../test/property.ts'
import type { FlowNode } from '../api/index.ts'
import { secretsInFiles, secretsInFlow } from './secrets.ts'

const node = (properties: object): FlowNode[] => [{ id: 'n1', type: 'http request', name: 'ask', ...properties }]
const foundIn = async (properties: object, kept: string[] = []) => (await secretsInFlow(node(properties), kept)).map(({ path }) => path)

describe('is found', () => {
  test.each<[string, object, string]>([
    ['a credential of the node', { credentials: { password: 'x' } }, 'credentials'],
    ['a password by the name of its property', { password: 'geheim' }, 'password'],
    ['an API key by its name', { apiKey: 'abc' }, 'apiKey'],
    ['a password within a list', { headers: [{ keyType: 'other', key: 'Authorization', valueType: 'other', value: 'opensesame' }] }, 'headers.0.value'],
    ['a value of the environment by its name', { env: [{ name: 'DB_PASSWORD', type: 'str', value: 'geheim' }] }, 'env.0.value'],
    ['an address with a password', { url: 'https://user:pw1234@erp.example/x' }, 'url'],
    ['a token in code', { func: 'const t = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"' }, 'func'],
    ['a signed token', { template: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U' }, 'template'],
    ['a private key', { info: '-----BEGIN OPENSSH PRIVATE KEY-----\nxyz' }, 'info'],
    ['a header that signs in', { value: 'Bearer abcdefghijklmnop1234' }, 'value'],
    ['a long random text', { comment: 'Zm9vYmFyQmF6MTIzNDU2Nzg5MHF3ZXJ0eXVpb3BBU0RG' }, 'comment'],
  ])('%s', async (_, properties, path) => {
    expect(await foundIn(properties)).toEqual([path])
  })

  test('what the gateway keeps sealed, wherever it stands', async () => {
    expect(await foundIn({ func: 'login("machine7secret")' }, ['machine7secret'])).toEqual(['func'])
    expect(secretsInFiles(new Map([['README.md', Buffer.from('the word is machine7secret')]]), () => true, ['machine7secret'])).toMatchObject([
      { where: 'README.md' },
    ])
  })

  test('a token anywhere in any text, whatever stands around it', async () => {
    const token = fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/)
    const anywhere = fc.asyncProperty(fc.string(), token, fc.string(), async (before, secret, after) => {
      expect(await foundIn({ payload: `${before} ${secret} ${after}` })).toEqual(['payload'])
    })
    await fc.assert(anywhere)
  })
})

describe('is not taken for a secret', () => {
  test.each<[string, object]>([
    ['a parameter in its place', { password: '{{password}}' }],
    ['a value from the environment', { password: '$(ERP_PASSWORD)' }],
    ['a path into the message', { token: 'req.token', tokenType: 'msg' }],
    ['ids and wires of nodes', { id: '0123456789abcdef', z: 'fedcba9876543210', wires: [['0123456789abcdef']] }],
    [
      'words and code',
      { func: 'return context.flow.get("lastMeasurement").characteristicName.toLowerCase()', info: 'The bearing seat diameter is measured at two places.' },
    ],
    ['the hash of a file', { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }],
    ['an address without a password', { url: 'http://erp.example:8080/orders?number={{{payload}}}' }],
    ['an empty password', { password: '' }],
  ])('%s', async (_, properties) => {
    expect(await foundIn(properties)).toEqual([])
  })
})

test.each(['a', 'eyJ', 'Bearer ', 'x://y:', '-----BEGIN '])('megabytes of %j are looked through in no time', async (piece) => {
  const time = ownTime()
  await foundIn({ payload: piece.repeat(3_000_000 / piece.length) })
  expect(time()).toBeLessThan(5000)
})

test('where an e-mail node finds its token is no token; what stands there instead is', async () => {
  const mail = (token: string): FlowNode => ({ id: 'm', type: 'e-mail', name: 'a@shop.example', token })
  expect(await secretsInFlow([mail('oauth2Response.access_token')])).toEqual([])
  expect(await secretsInFlow([mail('aGVsbG8')])).toMatchObject([{ path: 'token' }])
})
