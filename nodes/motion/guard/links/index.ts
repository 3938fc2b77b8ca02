/** Links to controllers: opening one, keeping one open, and the serial ports there are. */

export { adapterFacts } from './adapter.ts'
export { keepLink, type Linked, type LinkKeeper, targetOf } from './keeper.ts'
export { describeTarget, type Link, type LinkOptions } from './link.ts'
export { openLink } from './open.ts'
export { type ListPorts, listPorts, stablePaths } from './ports.ts'
