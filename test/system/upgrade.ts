/**
 * An upgrade as a shop does it: an installation of an earlier commit's build has worked, is stopped, and this program is started on its
 * data. Everything is there as it was, a back-up was made before, and it works on. Run: `node test/system/upgrade.ts [commit] [folder]`
 * (the commit before this one is the default; the folder keeps the old program between runs). Builds the old one, so it is no part of
 * `npm test`; what each schema becomes is tested there (`server/upgrade`).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { getSystem, verifyAudit } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { cutPart, measurePart, setUpShop } from '../browser/demo-shop.ts'
import { asBefore, shopOf } from '../life/shop-facts.ts'
import { until } from '../product.ts'

const root = join(import.meta.dirname, '..', '..')
const commit = process.argv[2] ?? 'HEAD~1'
const old = process.argv[3] ?? mkdtempSync(join(tmpdir(), 'cellwright-old-'))
const say = (text: string) => console.log(text)
function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`)
  say(`ok: ${what}`)
}

if (!existsSync(join(old, 'bootstrap'))) {
  say(`${commit} is fetched and built in ${old}`)
  execFileSync('git', ['clone', '-q', root, old], { stdio: 'inherit' })
  execFileSync('git', ['-C', old, 'checkout', '-q', execFileSync('git', ['-C', root, 'rev-parse', commit], { encoding: 'utf8' }).trim()], { stdio: 'inherit' })
  execFileSync(process.execPath, [join(old, 'bootstrap/run.mjs'), 'build'], { stdio: 'inherit' })
}
const dataDir = mkdtempSync(join(tmpdir(), 'cellwright-upgrade-'))
try {
  const before = await startProduct({ root: old, dataDir })
  await setUpShop(before.client)
  const runId = await cutPart(before.client)
  await measurePart(before.client, runId, 12)
  const shop = await shopOf(before.client, runId)
  must(shop.run.state === 'completed', 'the old program has cut and measured a part')
  await before.close()

  const after = await startProduct({ root, dataDir })
  try {
    const { schema } = await after.client.call(getSystem, {})
    say(`the schema is ${JSON.stringify(schema)} now`)
    const now = asBefore(shop, await shopOf(after.client, runId))
    for (const key of Object.keys(shop) as (keyof typeof shop)[]) must(isDeepStrictEqual(now[key], shop[key]), `${key}: as before`)
    must((await after.client.call(verifyAudit, { body: {} })).isWhole, 'the audit log is whole')
    const backups = join(dataDir, 'backups')
    say(`back-ups before upgrades: ${existsSync(backups) ? readdirSync(backups).join(', ') : 'none, the schema was not changed'}`)
    const next = await cutPart(after.client)
    await until('the next part', 60_000, async () => (await shopOf(after.client, next)).run.state !== 'failed' || undefined)
    say('and it works on')
  } finally {
    await after.close()
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
}
