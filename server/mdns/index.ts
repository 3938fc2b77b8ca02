/** Our name on the local network: `cellwright.local`, told by mDNS, and this server in the lists of services. Kept by a thread of its own. */
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Logger } from '../../base/log.ts'
import { workerEnv, workerFile } from '../../nodes/motion/guard/check/worker-file.ts'
import { isWildcard } from '../tls/index.ts'
import type { MdnsNews, MdnsTask } from './mdns-worker.ts'

/** The thread that has ended is started anew after so long, and longer each time. */
const FIRST_RESTART_MS = 5_000
const LONGEST_RESTART_MS = 600_000
/** How long saying goodbye may take. */
const GOODBYE_MS = 2_000
const MEMORY_MB = 64

export interface Mdns {
  /** Without `.local`; undefined until it is known to be ours. */
  name(): string | undefined
  close(): Promise<void>
}

/**
 * @param options.wish the name, without `.local`; the next free one (`-2`) where it is taken
 * @param options.host what the server listens on: an address, or a wildcard for all of this computer, as they come and go
 * @param options.onName the name that it has got, now and whenever it changes
 */
export function tellOnNetwork(options: {
  wish: string
  port: number
  host: string
  /** @defaultValue Cellwright and the name of the computer */
  title?: string
  log: Logger
  onName: (name: string) => void
}): Mdns {
  const { wish, port, host, log, onName } = options
  const title = options.title ?? `Cellwright ${hostname().split('.')[0] ?? ''}`.trim().slice(0, 60)
  const task: MdnsTask = { wish, title, port, hasIpv6: isIP(host) === 6, ...(isWildcard(host) ? {} : { address: host }) }
  let worker: Worker | undefined
  let name: string | undefined
  let restarts = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  function start(): void {
    const started = new Worker(workerFile('mdns-worker', import.meta.filename), {
      name: 'mdns',
      execArgv: [],
      env: workerEnv(),
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      // what the library says of single packets is nobody's business here
      stdout: true,
      stderr: true,
    })
    started.stdout.resume()
    started.stderr.resume()
    started.unref()
    worker = started
    started.on('message', (news: MdnsNews) => {
      if ('problem' in news) log.warn({ problem: news.problem }, 'the local network could not be told our name: it is reached by its address')
      else if (news.name !== name) {
        name = news.name
        restarts = 0
        if (name === wish) log.info({ name: `${name}.local` }, 'the local network knows this server by name')
        else log.warn({ name: `${name}.local`, wish: `${wish}.local` }, 'another device of the local network has our name: this server has the next one')
        onName(name)
      }
    })
    started.on('error', (error) => log.warn({ err: error }, 'the thread of our name on the local network has failed'))
    started.on('exit', (code) => {
      if (worker === started) worker = undefined
      if (isClosed) return
      // other network interfaces: at once; a fault: later each time
      const isFault = code !== 0
      timer = setTimeout(start, isFault ? Math.min(FIRST_RESTART_MS * 2 ** restarts, LONGEST_RESTART_MS) : 0).unref()
      if (isFault) restarts += 1
    })
  }
  start()

  return {
    name: () => name,
    async close() {
      isClosed = true
      clearTimeout(timer)
      const ending = worker
      if (!ending) return
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, GOODBYE_MS)
        ending.once('exit', () => {
          clearTimeout(late)
          resolve()
        })
        ending.postMessage('end')
      })
      await ending.terminate()
    },
  }
}
