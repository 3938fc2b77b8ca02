/**
 * Entry point of the thread that tells the local network where we are (RFC 6762, 6763). A thread: what comes in is anybody's, and neither a flood of it nor a
 * fault in what reads it may touch the gateway.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type CiaoService, getResponder, type ServiceEvent, type ServiceType } from '@homebridge/ciao'

export interface MdnsTask {
  /** The host name wished for, without `.local`. */
  wish: string
  /** How the server is called in lists of what there is. */
  title: string
  port: number
  /** One address to be found at; undefined: all of the computer. */
  address?: string
}
/** `name`: the host name that it has got, without `.local`. */
export type MdnsNews = { name: string } | { problem: string }

const TYPES = ['https', 'cellwright']
const HOSTNAME_CHANGED = 'hostname-change' as ServiceEvent.HOSTNAME_CHANGED
/** A network on which so many names are taken is not asked on. */
const MOST_NAMES = 50

const { wish, title, port, address } = workerData as MdnsTask
const tell = (news: MdnsNews) => parentPort?.postMessage(news)
const responder = getResponder(address === undefined ? {} : { interface: address })
let services: CiaoService[] = []
let ordinal = 1
let isOver = false

const nameOf = (n: number) => (n === 1 ? wish : `${wish.slice(0, 58)}-${n}`)

/** Tells of us by the n-th name; when somebody has it (RFC 6762 9), by the next. The library's own next name, `cellwright-(2)`, is none that a browser takes. */
async function tellAs(n: number): Promise<void> {
  ordinal = n
  const hostname = nameOf(n)
  const begun = TYPES.map((type) =>
    responder.createService({
      name: n === 1 ? title : `${title} ${n}`,
      type: type as ServiceType,
      port,
      hostname,
      txt: { path: '/' },
    }),
  )
  services = begun
  for (const service of begun)
    service.on(HOSTNAME_CHANGED, () => {
      if (services === begun) next()
    })
  for (const service of begun) {
    await service.advertise()
    if (services !== begun) return
  }
  tell({ name: hostname })
}

function next(): void {
  const before = services
  services = []
  const work = async () => {
    for (const service of before) await service.destroy().catch(() => undefined)
    if (isOver) return
    if (ordinal >= MOST_NAMES) tell({ problem: `${wish}.local and ${MOST_NAMES - 1} more names are taken` })
    else await tellAs(ordinal + 1)
  }
  work().catch(failed)
}
const failed = (error: unknown) => tell({ problem: error instanceof Error ? error.message : String(error) })

parentPort?.on('message', () => {
  isOver = true
  // the others hear that we are gone
  responder.shutdown().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
tellAs(1).catch(failed)
