/**
 * Entry point of the thread that tells the local network where we are (RFC 6762, 6763). A thread: what comes in is anybody's, and neither a flood of it nor a
 * fault in what reads it may touch the gateway. It ends when the network interfaces are others than at its start, and is started anew.
 */
import { networkInterfaces } from 'node:os'
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
  /** Whether it listens to IPv6. */
  hasIpv6: boolean
}
/** `name`: the host name that it has got, without `.local`. */
export type MdnsNews = { name: string } | { problem: string }

const HOSTNAME_CHANGED = 'hostname-change' as ServiceEvent.HOSTNAME_CHANGED
/** A network on which so many names are taken is not asked on. */
const MOST_NAMES = 50
const LOOK_MS = 5_000

const { wish, title, port, address, hasIpv6 } = workerData as MdnsTask
const tell = (news: MdnsNews) => parentPort?.postMessage(news)

/** Those that others are on. The library would take only those on which it has already heard somebody. */
const interfacesNow = () =>
  Object.entries(networkInterfaces())
    .filter(([, found]) => found?.some(({ internal }) => !internal))
    .map(([name]) => name)
    .sort()

const interfaces = interfacesNow()
const responder = interfaces.length ? getResponder({ interface: address ?? interfaces }) : undefined
let service: CiaoService | undefined
let isOver = false

const nameOf = (n: number) => (n === 1 ? wish : `${wish.slice(0, 58)}-${n}`)

/** Tells of us by the n-th name; when somebody has it (RFC 6762 9), by the next. The library's own next name, `cellwright-(2)`, is none that a browser takes. */
async function tellAs(n: number): Promise<void> {
  const hostname = nameOf(n)
  const begun = responder?.createService({
    name: n === 1 ? title : `${title} ${n}`,
    // found as what it is, a page by HTTPS; and as ours, by a subtype (RFC 6763 7.1)
    type: 'https' as ServiceType,
    subtypes: ['cellwright'],
    port,
    hostname,
    txt: { path: '/' },
    disabledIpv6: !hasIpv6,
    // the loopback is the library's own wish
    restrictedAddresses: address === undefined ? interfaces : [address],
  })
  if (!begun) return
  service = begun
  begun.on(HOSTNAME_CHANGED, () => {
    if (service !== begun) return
    service = undefined
    const work = async () => {
      await begun.destroy()
      if (isOver) return
      if (n >= MOST_NAMES) tell({ problem: `${wish}.local and ${MOST_NAMES - 1} more names are taken` })
      else await tellAs(n + 1)
    }
    work().catch(failed)
  })
  await begun.advertise()
  if (service === begun) tell({ name: hostname })
}
const failed = (error: unknown) => tell({ problem: error instanceof Error ? error.message : String(error) })

function end(): void {
  if (isOver) return
  isOver = true
  // the others hear that we are gone
  Promise.resolve(responder?.shutdown()).then(
    () => process.exit(0),
    () => process.exit(1),
  )
}
parentPort?.on('message', end)
setInterval(() => {
  if (interfacesNow().join() !== interfaces.join()) end()
}, LOOK_MS)
tellAs(1).catch(failed)
