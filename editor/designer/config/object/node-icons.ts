/**
 * The icons a person can give a node. Flows name them as Node-RED does (`font-awesome/fa-cog`, Font Awesome 4), so that both
 * editors show the same; ours draws each with the nearest of its own.
 */
import type { IconName } from '../../canvas/icons.tsx'

const FONT_AWESOME: Readonly<Partial<Record<IconName, string>>> = {
  axes: 'arrows',
  bell: 'bell',
  box: 'cube',
  braces: 'code',
  bug: 'bug',
  button: 'hand-pointer-o',
  cable: 'plug',
  calendar: 'calendar',
  chart: 'line-chart',
  'circle-alert': 'exclamation-circle',
  'circle-check': 'check-circle',
  clipboard: 'clipboard',
  clock: 'clock-o',
  code: 'file-code-o',
  cog: 'cog',
  command: 'terminal',
  component: 'puzzle-piece',
  crosshair: 'crosshairs',
  dashboard: 'tachometer',
  database: 'database',
  dot: 'dot-circle-o',
  event: 'bolt',
  eye: 'eye',
  factory: 'industry',
  'file-text': 'file-text-o',
  filter: 'filter',
  folder: 'folder-open-o',
  globe: 'globe',
  help: 'question-circle',
  house: 'home',
  inbox: 'inbox',
  key: 'key',
  link: 'link',
  'list-ordered': 'list-ol',
  'log-in': 'sign-in',
  'log-out': 'sign-out',
  message: 'comment-o',
  pencil: 'pencil',
  play: 'play',
  program: 'play-circle-o',
  radio: 'rss',
  repeat: 'repeat',
  rotate: 'refresh',
  ruler: 'arrows-h',
  send: 'paper-plane-o',
  shield: 'shield',
  shuffle: 'random',
  sliders: 'sliders',
  switch: 'code-fork',
  table: 'table',
  target: 'bullseye',
  timer: 'hourglass-half',
  'triangle-alert': 'exclamation-triangle',
  workflow: 'sitemap',
  wrench: 'wrench',
}

const PREFIX = 'font-awesome/fa-'
const BY_NAME = new Map(Object.entries(FONT_AWESOME).map(([sprite, name]) => [`${PREFIX}${name}`, sprite as IconName]))

/** What can be chosen: our drawing, and the name that stands in the flow. */
export const NODE_ICONS: readonly { sprite: IconName; name: string }[] = [...BY_NAME].map(([name, sprite]) => ({ sprite, name }))

/** Our drawing for an icon that a flow names; undefined for one we have none for. */
export const spriteOf = (icon: unknown): IconName | undefined => (typeof icon === 'string' ? BY_NAME.get(icon) : undefined)
