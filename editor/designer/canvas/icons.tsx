/**
 * The icons of node types, as pictures: the canvas and the lists use them as images, so that an icon costs no elements. A flow
 * of thousands of nodes would have as many drawings otherwise, each with layers of its own for the browser to sort.
 */
import {
  ArrowRightFromLine,
  ArrowRightToLine,
  Axis3d,
  Bell,
  Binary,
  BookOpen,
  Box,
  Braces,
  Bug,
  Cable,
  CalendarClock,
  ChartLine,
  CircleAlert,
  CircleCheck,
  CircleDot,
  CirclePlay,
  ClipboardCheck,
  ClipboardList,
  Clock,
  Code,
  Cog,
  Combine,
  Component,
  Crosshair,
  Database,
  Eye,
  Factory,
  FileCheck2,
  FileCode2,
  FileCog,
  FileInput,
  FileOutput,
  FileText,
  Filter,
  FolderInput,
  Gauge,
  GitBranch,
  Globe,
  Hand,
  HelpCircle,
  House,
  Inbox,
  Info,
  KeyRound,
  LayoutDashboard,
  Link,
  ListOrdered,
  ListPlus,
  LogIn,
  LogOut,
  type LucideIcon,
  MessageSquare,
  Move,
  Pencil,
  Play,
  Radio,
  Repeat,
  RotateCw,
  Ruler,
  Send,
  ShieldCheck,
  Shuffle,
  SlidersHorizontal,
  Split,
  SquareFunction,
  SquarePlay,
  SquareTerminal,
  Star,
  Table2,
  Target,
  Timer,
  TriangleAlert,
  Workflow,
  Wrench,
  Zap,
} from 'lucide-react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'

const ICONS = {
  info: Info,
  star: Star,
  'arrow-in': ArrowRightToLine,
  'arrow-out': ArrowRightFromLine,
  axes: Axis3d,
  bell: Bell,
  binary: Binary,
  book: BookOpen,
  box: Box,
  braces: Braces,
  bug: Bug,
  button: Hand,
  cable: Cable,
  calendar: CalendarClock,
  chart: ChartLine,
  'circle-alert': CircleAlert,
  'circle-check': CircleCheck,
  clipboard: ClipboardList,
  'clipboard-check': ClipboardCheck,
  clock: Clock,
  code: Code,
  cog: Cog,
  combine: Combine,
  command: SquareTerminal,
  component: Component,
  crosshair: Crosshair,
  dashboard: LayoutDashboard,
  database: Database,
  dot: CircleDot,
  event: Zap,
  eye: Eye,
  factory: Factory,
  'file-check': FileCheck2,
  'file-code': FileCode2,
  'file-cog': FileCog,
  'file-in': FileInput,
  'file-out': FileOutput,
  'file-text': FileText,
  filter: Filter,
  folder: FolderInput,
  function: SquareFunction,
  gauge: Gauge,
  globe: Globe,
  help: HelpCircle,
  house: House,
  inbox: Inbox,
  inject: SquarePlay,
  key: KeyRound,
  link: Link,
  'list-ordered': ListOrdered,
  'list-plus': ListPlus,
  'log-in': LogIn,
  'log-out': LogOut,
  message: MessageSquare,
  move: Move,
  pencil: Pencil,
  play: Play,
  program: CirclePlay,
  radio: Radio,
  repeat: Repeat,
  rotate: RotateCw,
  ruler: Ruler,
  send: Send,
  shield: ShieldCheck,
  shuffle: Shuffle,
  sliders: SlidersHorizontal,
  split: Split,
  switch: GitBranch,
  table: Table2,
  target: Target,
  timer: Timer,
  'triangle-alert': TriangleAlert,
  workflow: Workflow,
  wrench: Wrench,
} as const satisfies Record<string, LucideIcon>
export type IconName = keyof typeof ICONS

const OF_TYPE: Record<string, IconName> = {
  inject: 'inject',
  debug: 'bug',
  complete: 'circle-check',
  catch: 'circle-alert',
  status: 'eye',
  'link in': 'arrow-in',
  'link out': 'arrow-out',
  'link call': 'link',
  comment: 'message',
  function: 'function',
  switch: 'switch',
  change: 'pencil',
  range: 'sliders',
  template: 'braces',
  delay: 'timer',
  trigger: 'event',
  exec: 'command',
  rbe: 'filter',
  'mqtt in': 'radio',
  'mqtt out': 'send',
  'http in': 'globe',
  'http response': 'log-out',
  'http request': 'globe',
  'websocket in': 'cable',
  'websocket out': 'cable',
  'tcp in': 'cable',
  'tcp out': 'cable',
  'tcp request': 'cable',
  'udp in': 'cable',
  'udp out': 'cable',
  split: 'split',
  join: 'combine',
  sort: 'list-ordered',
  batch: 'shuffle',
  csv: 'table',
  json: 'braces',
  xml: 'code',
  html: 'code',
  yaml: 'file-text',
  file: 'file-out',
  'file in': 'file-in',
  watch: 'folder',
  'cw-machine': 'factory',
  'cw-run-program': 'program',
  'cw-machine-command': 'command',
  'cw-machine-event': 'event',
  'cw-machine-value': 'gauge',
  'cw-wait-state': 'clock',
  'cw-program-check': 'file-check',
  'cw-program-transform': 'file-cog',
  'cw-jog': 'move',
  'cw-home': 'house',
  'cw-probe': 'crosshair',
  'cw-set-offset': 'axes',
  'cw-override': 'sliders',
  'cw-spindle': 'rotate',
  'cw-tool-change': 'wrench',
  'cw-lease': 'key',
  'cw-interlock': 'shield',
  'cw-button': 'button',
  'cw-job-in': 'log-in',
  'cw-job-out': 'log-out',
  'cw-enqueue': 'list-plus',
  'cw-check': 'ruler',
  'cw-work-orders': 'inbox',
  'cw-confirm': 'clipboard-check',
}
const OF_FAMILY: Record<string, IconName> = {
  motion: 'factory',
  operator: 'button',
  jobs: 'list-plus',
  quality: 'ruler',
  erp: 'clipboard',
  common: 'dot',
  function: 'function',
  network: 'cable',
  sequence: 'list-ordered',
  parser: 'braces',
  storage: 'database',
  config: 'cog',
  subflow: 'component',
  subflows: 'component',
  dashboard: 'dashboard',
}

/** The sprite's icon for a node type: what it asks for if we have it, else the type's, else the family's. */
export function iconOf(type: string, family: string, wanted?: string): IconName {
  if (type.startsWith('subflow:')) return 'component'
  if (OF_TYPE[type]) return OF_TYPE[type]
  if (wanted && wanted in ICONS) return wanted as IconName
  const name = family.trim().toLowerCase()
  return OF_FAMILY[name] ?? (name.startsWith('dashboard') ? 'dashboard' : 'box')
}

/** Every icon as SVG text, drawn in `currentColor`; made once, when the page's scripts are read. */
const DRAWN: ReadonlyMap<string, string> = typeof document === 'undefined' ? new Map() : drawAll()

function drawAll(): Map<string, string> {
  const place = document.createElement('div')
  const root = createRoot(place)
  flushSync(() =>
    root.render(
      Object.entries(ICONS).map(([name, Icon]) => (
        <i key={name} data-name={name}>
          <Icon size={24} />
        </i>
      )),
    ),
  )
  const writer = new XMLSerializer()
  const drawn = new Map(
    [...place.children].map((item) => [(item as HTMLElement).dataset.name ?? '', writer.serializeToString(item.firstElementChild as Element)]),
  )
  root.unmount()
  drawn.set('star-full', (drawn.get('star') ?? '').replace('fill="none"', 'fill="currentColor"'))
  return drawn
}

const images = new Map<string, string>()

/** An icon in a colour, as a CSS image. */
export function iconImage(icon: string, colour: string): string {
  const key = `${icon}|${colour}`
  let image = images.get(key)
  if (image === undefined) {
    const drawing = (DRAWN.get(icon) ?? DRAWN.get('box') ?? '').replaceAll('currentColor', colour)
    image = `url("data:image/svg+xml,${encodeURIComponent(drawing)}")`
    images.set(key, image)
  }
  return image
}

/** An icon of a node type, for lists. */
export function TypeIcon({ type, family, icon, size = 16 }: { type: string; family: string; icon?: string | undefined; size?: number }) {
  const image = iconImage(iconOf(type, family, icon), 'black')
  return <span className="type-icon" aria-hidden="true" style={{ width: size, height: size, maskImage: image }} />
}

/** A sign in the colour of the text around it; one element, where there are very many of them. */
export function Sign({ icon, size }: { icon: IconName | 'star-full'; size: number }) {
  return <span className="type-icon" aria-hidden="true" style={{ width: size, height: size, maskImage: iconImage(icon, 'black') }} />
}
