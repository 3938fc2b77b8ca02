/**
 * The machine of `bench stream`: a virtual controller in a process of its own. Options as JSON in the first argument;
 * prints its port, then for every line on stdin what the program's lines looked like from its side since the last one.
 */
import { createInterface } from 'node:readline'
import { startVirtualController, type VirtualControllerOptions } from '../../nodes/motion/virtual/index.ts'

/** Seen from the controller, from the first byte of the first line of motion to the last. */
export interface StreamSeen {
  lines: number
  /** From the first program line's answer to the last one's, s. */
  seconds: number
  bytes: number
  /** From the first byte of a program line to the last, ms on the wire's own clock. */
  wireMs: number
  starved: number
  starvedWithLineIdle: number
  fullestRx: number
  lostBytes: number
}

const controller = await startVirtualController(JSON.parse(process.argv[2] ?? '{}') as VirtualControllerOptions)
console.log(controller.port)
let starved = { ...controller.starvations }

for await (const _ of createInterface({ input: process.stdin })) {
  const answers = controller.answered.filter(({ line }) => /^[XY]/.test(line))
  const first = answers[0]?.atMs ?? 0
  const last = answers.at(-1)?.atMs ?? 0
  const within = controller.received.filter(({ atMs }) => atMs >= first && atMs <= last)
  const seen: StreamSeen = {
    lines: answers.length,
    seconds: (last - first) / 1000,
    bytes: within.reduce((sum, { bytes }) => sum + bytes.length, 0),
    wireMs: (within.at(-1)?.atMs ?? 0) - (within[0]?.atMs ?? 0),
    starved: controller.starvations.all - starved.all,
    starvedWithLineIdle: controller.starvations.lineIdle - starved.lineIdle,
    fullestRx: controller.fullestRx,
    lostBytes: controller.now().lostBytes.overflow,
  }
  // what was told is let go: hundreds of thousands of entries would slow down the machine, and with it what is measured
  controller.forget()
  starved = { ...controller.starvations }
  console.log(JSON.stringify(seen))
}
await controller.close()
