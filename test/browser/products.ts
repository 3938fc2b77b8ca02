/**
 * Products that browser tests share (vitest's globalSetup). A product takes seconds to start and most tests need only flows and a
 * person of their own: each test file borrows one that no other file uses at that time, and gives it back at its end. So there are
 * no more of them than files run at once, and none where no test asks. `designer.ts` is the other end.
 */
import { createServer, type Socket } from 'node:net'
import type { TestProject } from 'vitest/node'
import type { Product } from '../product.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Port on the loopback at which a product is borrowed: as long as the connection is open. */
    productsPort: number
  }
}

/** What somebody who borrows is told, as one line of JSON. */
export type Borrowed = { dataDir: string; launcherPid: number; turn: number } | { failure: string }

export default async function shareProducts(project: TestProject): Promise<() => Promise<void>> {
  const started: Promise<Product>[] = []
  const idle: Promise<Product>[] = []
  const pids = new Set<number>()
  let turn = 0

  const start = async () => {
    const { startTestProduct } = await import('../product.ts')
    const product = await startTestProduct({ CELLWRIGHT_LOGIN_TRIES: '1000' })
    pids.add(product.launcherPid)
    return product
  }
  const lend = async (socket: Socket) => {
    const lent = idle.pop() ?? start()
    if (!started.includes(lent)) started.push(lent)
    socket.on('error', () => {})
    // one that could not start is not lent again
    const takeBack = () => lent.then(() => idle.push(lent)).catch(() => {})
    socket.once('close', () => void takeBack())
    turn += 1
    const answer: Borrowed = await lent.then(
      ({ dataDir, launcherPid }) => ({ dataDir, launcherPid, turn }),
      (error: unknown) => ({ failure: String(error) }),
    )
    socket.write(`${JSON.stringify(answer)}\n`)
  }

  const server = createServer((socket) => void lend(socket))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  project.provide('productsPort', (server.address() as { port: number }).port)
  // when the run is broken off, too
  const endAll = () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGTERM')
      } catch {
        // it has ended already; the others have not
      }
    }
  }
  process.once('exit', endAll)

  return async () => {
    server.close()
    const products = await Promise.allSettled(started)
    await Promise.all(products.map(async (each) => each.status === 'fulfilled' && (await each.value.close())))
    process.off('exit', endAll)
  }
}
