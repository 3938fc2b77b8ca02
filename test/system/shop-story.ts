/**
 * A shop's installation lives through it all: an older program on the network, people of the company, a part cut and measured, flows of an
 * old Node-RED; a back-up, the computer lost, the back-up restored; the upgrade to this program; and the way back. After each step all is
 * there as it was, and it works on. Where the installation stands is its house: a folder here (`upgrade.ts`), a clean Debian (`shop.ts`).
 */
import { isDeepStrictEqual } from 'node:util'
import { getSystem, verifyAudit } from '../../server/api/index.ts'
import { asBefore, asFarAsTold, type ShopFacts, shopOf } from '../life/shop-facts.ts'
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
} from '../life/shop-steps.ts'

/** Which of the two: the one that an upgrade begins with, or that of this commit. */
export type Program = 'older' | 'present'

export interface House extends Installation {
  /** How fast its virtual machine is. */
  readonly timeScale: number
  /** Starts this program on the data that is there, and waits until it is ready. */
  start(program: Program): Promise<void>
  /** Starts it, which must fail. @returns what it said */
  refusal(program: Program): Promise<string>
  stop(): Promise<void>
  /** Takes the data directory away, for good. */
  lose(): Promise<void>
  /** Puts the data directory aside. @returns where it is now */
  putAside(): Promise<string>
  /** Restores into an empty data directory, in the place of the original. @param from a key of an installation, or a passphrase */
  restore(program: Program, file: string, from: { key: string } | { passphrase: string }): Promise<void>
  /** A file of its computer that whoever runs the installation may read. */
  fileFor(name: string): string
  /** Names in a folder of the data directory; none where there is no such folder. */
  namesIn(folder: string): Promise<string[]>
  /** Writes a file for the installation, with its folder. */
  put(path: string, text: string): Promise<void>
}

export interface Teller {
  say(text: string): void
  /** @throws Error when it is not so */
  must(condition: unknown, what: string): asserts condition
}

export function createTeller(): Teller {
  const begin = performance.now()
  const say = (text: string) => console.log(`${Math.round((performance.now() - begin) / 1000)} s  ${text}`)
  return {
    say,
    must(condition, what) {
      if (!condition) throw new Error(`not so: ${what}`)
      say(`ok: ${what}`)
    },
  }
}

/** @param options.dir for what is prepared here @param options.hasOtherSchema the present program knows changes of the database that the older one does not */
export async function liveThrough(
  house: House,
  { neighbours, dir, teller, hasOtherSchema }: { neighbours: Neighbours; dir: string; teller: Teller; hasOtherSchema: boolean },
): Promise<void> {
  const { say } = teller
  const must: Teller['must'] = teller.must
  const schemaNow = async () => (await house.client().call(getSystem, {})).schema.newest
  let inbox = ''
  let runId = ''

  /** Starts a program, and finds what there was. */
  const startAndFind = async (program: Program, before: ShopFacts, isSame: (before: ShopFacts, now: ShopFacts) => boolean) => {
    neighbours.orders.length = 0
    await house.start(program)
    await flowsRun(house)
    const now = asBefore(before, await shopOf(house.client(), runId))
    for (const key of Object.keys(before) as (keyof ShopFacts)[]) {
      const [one, other] = [{ [key]: before[key] }, { [key]: now[key] }] as unknown as [ShopFacts, ShopFacts]
      if (!isSame(one, other)) say(`before: ${JSON.stringify(one)}\nnow: ${JSON.stringify(other)}`)
      must(isSame(one, other), `${key}: as before`)
    }
    must((await house.client().call(verifyAudit, { body: {} })).isWhole, 'the audit log is whole')
  }
  const isEqual = (before: ShopFacts, now: ShopFacts) => isDeepStrictEqual(now, before)
  const isAsTold = (before: ShopFacts, now: ShopFacts) => isDeepStrictEqual(asFarAsTold(before, now), before)

  /** It is not only there: people come in, flows order, parts are made. */
  const worksOn = async (login: string, person: string, order: string): Promise<string> => {
    const { userName, role } = await signInAs(house, neighbours, login)
    must(`${userName}: ${role}` === person, `${person} signs in through the company, with the same authority trusted`)
    await hasOrdered(house, neighbours)
    say('ok: the flows of the old Node-RED order with their password')
    await house.put(
      `${inbox}/${order}.json`,
      JSON.stringify({ number: order, part: 'Bearing plate', revision: 'B', quantity: 1, dueDate: '2030-01-31', program: 'bearing-plate.nc' }),
    )
    const made = await makePart(house)
    must(made.state === 'completed', 'the next part is cut and measured')
    return made.runId
  }

  await house.start('older')
  const olderSchema = await schemaNow()
  say(`the older program runs, with the schema ${olderSchema}`)
  must(isDeepStrictEqual(await letPeopleIn(house, neighbours), PEOPLE_WITHIN), 'three people of the company are in, over HTTPS')
  inbox = (await openShop(house, house.timeScale)).inbox
  const first = await makePart(house)
  must(first.state === 'completed', 'a part is cut and measured')
  runId = first.runId
  await moveIn(house, neighbours, dir)
  say('ok: the flows of an old Node-RED are taken over, and order with their password')
  const whole = await shopOf(house.client(), runId)
  must(
    whole.quality.some(({ measurements }) => measurements.length > 0),
    'its measurements are in the list of quality',
  )

  const file = house.fileFor('shop.cwb')
  say(await house.cli(['backup', file], { CELLWRIGHT_BACKUP_PASSPHRASE: PASSPHRASE }))
  await house.stop()
  await house.lose()
  await house.restore('older', file, { passphrase: PASSPHRASE })
  say('backed up, lost, restored')
  await startAndFind('older', whole, isEqual)
  await worksOn('sub-bert', 'bert: engineer', 'WO-2051')

  const older = await shopOf(house.client(), runId)
  const kept = await house.namesIn('backups')
  await house.stop()
  await startAndFind('present', older, isAsTold)
  say(hasOtherSchema ? `upgraded: the schema is ${await schemaNow()} now` : 'upgraded: the schema is the same in both programs')
  const made = (await house.namesIn('backups')).filter((name) => !kept.includes(name) && name.endsWith('.age'))
  must(made.length === (hasOtherSchema ? 1 : 0), hasOtherSchema ? `a back-up was made before: ${made[0]}` : 'so no back-up was made')
  const since = await worksOn('sub-cora', 'cora: operator', 'WO-2052')
  await house.stop()

  if (hasOtherSchema) {
    const refusal = await house.refusal('older')
    must(/has had changes that this program does not know: .*Nothing was changed/s.test(refusal), `the older program refuses: ${refusal.trim()}`)
    const after = await house.putAside()
    await house.restore('older', `${after}/backups/${made[0]}`, { key: `${after}/keys/backup.key` })
    say('the back-up from before the upgrade is restored by the older program')
  } else say('the older program goes on with the same data: there is nothing to refuse and nothing to restore')
  await startAndFind('older', older, isEqual)
  must((await schemaNow()) === olderSchema, `the schema is ${olderSchema} again`)
  const { runs } = await shopOf(house.client(), runId)
  must(runs.some(({ id }) => id === since) === !hasOtherSchema, hasOtherSchema ? 'what came after the upgrade is not in it' : 'what came since is in it')
  await worksOn('sub-dora', 'dora: operator', 'WO-2053')
  say('All of it is as it should be.')
}
