/** A flow of any size for the designer's bench: chains in a grid, as wide as the stock editor's sheet allows. */
import type { FlowNode } from '../../server/api/flows.ts'

export interface BenchFlow {
  flows: FlowNode[]
  /** The nodes on the tab and where their middles are. */
  places: { id: string; x: number; y: number }[]
}

const COLUMNS = 33
const STEP = { x: 240, y: 50 }
const TAB = 'de51000000000000'
const idOf = (index: number) => `de51${(index + 1).toString(16).padStart(12, '0')}`

/** `count` nodes on one tab: rows of chained core nodes; every seventh has a wire to the next row, too. */
export function benchFlow(count: number): BenchFlow {
  const places = Array.from({ length: count }, (_, index) => ({
    id: idOf(index),
    x: 140 + (index % COLUMNS) * STEP.x,
    y: 60 + Math.floor(index / COLUMNS) * STEP.y,
  }))
  const nodes = places.map(({ id, x, y }, index): FlowNode => {
    const column = index % COLUMNS
    const targets: string[] = []
    if (column < COLUMNS - 1 && index + 1 < count) targets.push(idOf(index + 1))
    const below = index + COLUMNS + 1
    if (index % 7 === 0 && column < COLUMNS - 1 && below < count) targets.push(idOf(below))
    const place = { id, z: TAB, name: `Step ${index + 1}`, x, y }
    switch (column === 0 ? 'inject' : column === COLUMNS - 1 ? 'debug' : index % 3 === 0 ? 'change' : index % 3 === 1 ? 'delay' : 'json') {
      case 'inject':
        return {
          ...place,
          type: 'inject',
          props: [{ p: 'payload' }],
          repeat: '',
          crontab: '',
          once: false,
          onceDelay: 0.1,
          topic: '',
          payload: '',
          payloadType: 'date',
          wires: [targets],
        }
      case 'debug':
        return { ...place, type: 'debug', active: false, tosidebar: true, console: false, tostatus: false, complete: 'payload', targetType: 'msg', wires: [] }
      case 'change':
        return { ...place, type: 'change', rules: [{ t: 'set', p: 'payload', pt: 'msg', to: String(index), tot: 'num' }], wires: [targets] }
      case 'delay':
        return {
          ...place,
          type: 'delay',
          pauseType: 'delay',
          timeout: '1',
          timeoutUnits: 'seconds',
          rate: '1',
          nbRateUnits: '1',
          rateUnits: 'second',
          randomFirst: '1',
          randomLast: '5',
          randomUnits: 'seconds',
          drop: false,
          allowrate: false,
          outputs: 1,
          wires: [targets],
        }
      default:
        return { ...place, type: 'json', property: 'payload', action: '', pretty: false, wires: [targets] }
    }
  })
  return { flows: [{ id: TAB, type: 'tab', label: `${count} nodes`, disabled: false, info: '', env: [] }, ...nodes], places }
}
