/** Flows that show what the designer shows: messages that pass, groups, errors, a larger plant. */
import type { FlowNode } from '../../server/api/index.ts'

const at = (z: string, x: number, y: number) => ({ z, x, y })

const CELL: FlowNode[] = [
  { id: 'show-cell', type: 'tab', label: 'Spindle watch', disabled: false, info: '', env: [] },
  { id: 'show-note', type: 'comment', name: 'Reads the spindle twice a second', info: '', ...at('show-cell', 190, 60), wires: [] },
  {
    id: 'show-tick',
    type: 'inject',
    name: 'twice a second',
    props: [{ p: 'payload' }],
    payload: '',
    payloadType: 'date',
    repeat: '0.5',
    once: true,
    onceDelay: 0.1,
    ...at('show-cell', 150, 140),
    wires: [['show-count']],
  },
  {
    id: 'show-count',
    type: 'function',
    name: 'read the spindle',
    func: [
      '// load in percent, bore in millimetres',
      "const n = (context.get('n') ?? 0) + 1",
      "context.set('n', n)",
      'const load = Math.round(40 + 30 * Math.sin(n / 5))',
      'msg.payload = { part: "P-" + (1000 + Math.floor(n / 20)), load, bore: 42 + Math.sin(n) / 60, speeds: Array.from({ length: 24 }, (_, i) => 6000 + i * load) }',
      "if (n % 9 === 0) node.error('The spindle did not answer within 200 ms', msg)",
      'return msg',
    ].join('\n'),
    outputs: 1,
    libs: [],
    ...at('show-cell', 380, 140),
    wires: [['show-limit', 'show-check', 'show-see']],
  },
  {
    id: 'show-limit',
    type: 'switch',
    name: 'load?',
    property: 'payload.load',
    propertyType: 'msg',
    rules: [{ t: 'gt', v: '65', vt: 'num' }, { t: 'else' }],
    checkall: 'true',
    repair: false,
    outputs: 2,
    ...at('show-cell', 620, 100),
    wires: [['show-slow'], []],
  },
  {
    id: 'show-slow',
    type: 'delay',
    name: 'at most one a minute',
    pauseType: 'rate',
    timeout: '5',
    timeoutUnits: 'seconds',
    rate: '1',
    nbRateUnits: '1',
    rateUnits: 'minute',
    randomFirst: '1',
    randomLast: '5',
    randomUnits: 'seconds',
    drop: true,
    allowrate: false,
    outputs: 1,
    ...at('show-cell', 840, 80),
    wires: [['show-tell']],
  },
  {
    id: 'show-tell',
    type: 'debug',
    name: 'tell the shift',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: true,
    complete: 'payload.load',
    targetType: 'msg',
    statusVal: 'payload.load',
    statusType: 'auto',
    ...at('show-cell', 1070, 80),
    wires: [],
  },
  {
    id: 'show-check',
    type: 'cw-check',
    name: 'bore in tolerance?',
    characteristic: 'bore',
    nominal: 42,
    lower: -0.01,
    upper: 0.015,
    unit: 'mm',
    decimals: 3,
    value: 'payload.bore',
    valueType: 'msg',
    ...at('show-cell', 640, 200),
    wires: [[], ['show-scrap']],
  },
  {
    id: 'show-scrap',
    type: 'debug',
    name: 'out of tolerance',
    active: false,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    statusType: 'auto',
    ...at('show-cell', 900, 290),
    wires: [],
  },
  {
    id: 'show-see',
    type: 'debug',
    name: 'every reading',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    statusType: 'auto',
    ...at('show-cell', 640, 360),
    wires: [],
  },
]

const LINE: FlowNode[] = [
  { id: 'show-line', type: 'tab', label: 'Deburring line', disabled: false, info: '', env: [] },
  {
    id: 'show-order',
    type: 'inject',
    name: 'an order',
    props: [{ p: 'payload' }],
    payload: '{"order":"WO-2041","part":"bearing plate","quantity":12}',
    payloadType: 'json',
    repeat: '',
    once: false,
    ...at('show-line', 140, 160),
    wires: [['show-plan']],
  },
  {
    id: 'show-plan',
    type: 'change',
    name: 'plan the batch',
    rules: [{ t: 'set', p: 'batch', pt: 'msg', to: 'payload.quantity', tot: 'msg' }],
    ...at('show-line', 360, 160),
    wires: [['show-wash', 'show-label']],
  },
  { id: 'show-wash', type: 'change', name: 'wash', rules: [], ...at('show-line', 580, 120), wires: [['show-pack']] },
  { id: 'show-label', type: 'change', name: 'print the label', rules: [], ...at('show-line', 600, 220), wires: [['show-pack']] },
  {
    id: 'show-pack',
    type: 'debug',
    name: 'packed',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
    statusVal: '',
    statusType: 'auto',
    ...at('show-line', 840, 160),
    wires: [],
  },
]

const STATIONS = ['Saw', 'Mill', 'Wash', 'Measure', 'Pack', 'Ship']
/** Six stations of nodes, each a group: enough for a minimap. */
const PLANT: FlowNode[] = [
  { id: 'show-plant', type: 'tab', label: 'Plant', disabled: true, info: '', env: [] },
  ...STATIONS.flatMap((name, station): FlowNode[] => {
    const [left, top] = [(station % 3) * 720, Math.floor(station / 3) * 420]
    const ids = Array.from({ length: 9 }, (_, index) => `p${station}-${index}`)
    const kinds = ['change', 'switch', 'function', 'delay', 'change', 'join', 'change', 'template', 'debug']
    return [
      { id: `pg${station}`, type: 'group', z: 'show-plant', name, style: { label: true }, nodes: ids, x: left + 34, y: top + 19, w: 632, h: 342 },
      ...ids.map((id, index): FlowNode => {
        const [column, row] = [index % 3, Math.floor(index / 3)]
        const next = column < 2 ? [`p${station}-${index + 1}`] : row === 2 && station % 3 < 2 ? [`p${station + 1}-0`] : []
        return {
          id,
          type: kinds[index] as string,
          g: `pg${station}`,
          name: `${name} ${index + 1}`,
          ...at('show-plant', left + 140 + column * 210, top + 100 + row * 100),
          wires: [next],
        }
      }),
    ]
  }),
]

export const SHOWCASE: readonly FlowNode[] = [
  ...CELL,
  ...LINE,
  ...PLANT,
  { id: 'show-empty', type: 'tab', label: 'New cell', disabled: false, info: '', env: [] },
]
