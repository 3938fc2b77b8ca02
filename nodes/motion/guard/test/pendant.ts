/** A second hand on the controller: a cable box between guard and machine through which somebody else can send bytes. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { startVirtualController, type VirtualControllerOptions } from '../../virtual/index.ts'
import { ENVELOPE, guardOn, LONGEST_STEP_MS, type Rig, type RigOptions } from './rig.ts'

export interface Pendant {
  it: Rig
  /** Sends this to the controller beside what the guard sends. */
  press(bytes: string): void
}

/** As {@link rig}, with a pendant at the controller. */
export async function rigWithPendant(options: RigOptions & { machine?: VirtualControllerOptions } = {}): Promise<Pendant> {
  const machine = await startVirtualController({ timeScale: 20, envelopeMm: ENVELOPE, longestStepMs: LONGEST_STEP_MS, ...options.machine, link: 'tcp' })
  onTestFinished(() => machine.close())
  const [host = '', port = ''] = machine.port.split(':')
  let toController: Socket | undefined
  const box = createServer((guard) => {
    const controller = connect(Number(port), host)
    toController = controller
    guard.pipe(controller).pipe(guard)
    for (const socket of [guard, controller]) socket.on('error', () => {})
    guard.on('close', () => controller.destroy())
    controller.on('close', () => guard.destroy())
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    box.close()
  })
  await once(box, 'listening')
  const behind = Object.create(machine, { port: { value: `127.0.0.1:${(box.address() as AddressInfo).port}` } }) as typeof machine
  return { it: await guardOn(behind, options), press: (bytes) => void toController?.write(bytes, 'latin1') }
}
