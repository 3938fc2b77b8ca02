/** What the panel shows, in its address: `#mill-1/move`, `#=cell`, `#=cell/wall`. */
import { CELL } from '../../server/api/panel-layouts.ts'
import { useHash } from '../shared/use-hash.ts'

/** A tab of a panel by its id; which there are says its layout. '' is the first one. */
export type View = { kind: 'auto' } | { kind: 'cell'; tab: string } | { kind: 'machine'; machineId: string; tab: string }

/** What an address means. */
export function viewFrom(hash: string): View {
  const [place = '', tab = ''] = decodeURIComponent(hash).split('/')
  if (place === '') return { kind: 'auto' }
  // no machine id has an equals sign
  if (place === CELL) return { kind: 'cell', tab }
  return { kind: 'machine', machineId: place, tab }
}

export function hashOf(view: View): string {
  switch (view.kind) {
    case 'auto':
      return ''
    case 'cell':
      return view.tab ? `${CELL}/${view.tab}` : CELL
    case 'machine':
      return view.tab ? `${view.machineId}/${view.tab}` : view.machineId
    default:
      return view satisfies never
  }
}

export function useView(): [View, (view: View) => void] {
  const [hash, go] = useHash()
  return [viewFrom(hash), (view) => go(hashOf(view))]
}
