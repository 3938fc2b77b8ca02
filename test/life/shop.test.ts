/**
 * The life of a shop's installation in one go: on the network by HTTPS, three people of the company by OpenID Connect, flows of an old
 * Node-RED with their password, a part that is cut; then a back-up, the computer lost, the back-up restored on another one, and all is
 * there as it was and works on. The service in a clean Debian is `test/system/service.ts`; upgrades are `server/upgrade/`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyAudit } from '../../server/api/index.ts'
import { cutPart } from '../browser/demo-shop.ts'
import { runCli } from '../cli/run-cli.ts'
import { type Product, startTestProduct } from '../product.ts'
import { asBefore, type ShopFacts, shopOf } from './shop-facts.ts'
import {
  flowsRun,
  hasOrdered,
  type Installation,
  letPeopleIn,
  makePart,
  moveIn,
  type Neighbours,
  openShop,
  PASSPHRASE,
  PEOPLE_WITHIN,
  signInAs,
  startNeighbours,
} from './shop-steps.ts'

/** Nobody listens there now. */
async function freePort(): Promise<number> {
  const server = createTcp()
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the life of an installation', { timeout: 240_000 }, () => {
  let dir: string
  let port: number
  let product: Product
  let neighbours: Neighbours
  let shop: Installation
  let before: ShopFacts
  let runId: string

  const env = () => ({
    CELLWRIGHT_HOST: '0.0.0.0',
    CELLWRIGHT_PORT: String(port),
    CELLWRIGHT_MDNS_NAME: 'off',
    CELLWRIGHT_OWNER: 'anna:a long enough password',
  })

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cw-life-'))
    neighbours = await startNeighbours({ dir })
    port = await freePort()
    product = await startTestProduct(env())
    shop = {
      client: () => product.client,
      base: `https://127.0.0.1:${port}`,
      bring: async (folder) => folder,
      async cli(args, more = {}) {
        const result = await runCli(args, { env: { CELLWRIGHT_DATA: product.dataDir, ...more } })
        if (result.code !== 0) throw new Error(`cellwright ${args.join(' ')}: ${result.code} ${result.err}${result.out}`)
        return result.out
      },
    }
  }, 240_000)
  afterAll(async () => {
    await product?.close()
    await neighbours?.close()
    await rm(dir, { recursive: true, force: true })
  }, 60_000)

  it('lets three people of the company in, over HTTPS, each as what their groups make them', async () => {
    expect(await letPeopleIn(shop, neighbours)).toEqual(PEOPLE_WITHIN)
  })

  it('cuts and measures a part', async () => {
    await openShop(shop)
    const part = await makePart(shop)
    expect(part.state).toBe('completed')
    runId = part.runId
  })

  it('takes the flows of an old Node-RED over, with the password they need', async () => {
    await moveIn(shop, neighbours, dir)
  })

  it('is backed up while it works, and lost', async () => {
    before = await shopOf(shop.client(), runId)
    await shop.cli(['backup', join(dir, 'shop.cwb')], { CELLWRIGHT_BACKUP_PASSPHRASE: PASSPHRASE })
    await product.close()
  })

  it('is restored on another computer: everybody and everything is there, and works on', async () => {
    const dataDir = join(dir, 'restored')
    const restored = await runCli(['restore', join(dir, 'shop.cwb'), '--into', dataDir, '--as', 'replacement'], {
      env: { CELLWRIGHT_BACKUP_PASSPHRASE: PASSPHRASE },
    })
    expect([restored.code, restored.err]).toEqual([0, expect.any(String)])
    neighbours.orders.length = 0
    product = await startTestProduct(env(), { dataDir })
    await flowsRun(shop)
    expect(before.quality.map(({ measurements }) => measurements.length)).toContain(1)
    expect(asBefore(before, await shopOf(shop.client(), runId))).toEqual(before)
    expect(await shop.client().call(verifyAudit, { body: {} })).toMatchObject({ isWhole: true })
    // the authority that the shop's devices trust is the same, and so are the people of the company
    expect(await signInAs(shop, neighbours, 'sub-bert')).toMatchObject({ userName: 'bert', role: 'engineer' })
    // the password of the old Node-RED is there
    await hasOrdered(shop, neighbours)
    expect(await cutPart(shop.client())).not.toBe(runId)
  })
})
