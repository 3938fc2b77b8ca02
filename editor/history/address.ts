/** What stands behind `#`: which tab, and which one of its things. */
export type Tab = 'versions' | 'requests' | 'audit'
export interface Place {
  tab: Tab
  id: string | undefined
}

const TABS: readonly string[] = ['versions', 'requests', 'audit'] satisfies Tab[]

export function placeOf(hash: string): Place {
  const [tab = '', id = ''] = hash.split('/')
  return { tab: TABS.includes(tab) ? (tab as Tab) : 'versions', id: id === '' ? undefined : decodeURIComponent(id) }
}
export const hashOf = (tab: Tab, id?: string): string => (id === undefined ? tab : `${tab}/${encodeURIComponent(id)}`)
