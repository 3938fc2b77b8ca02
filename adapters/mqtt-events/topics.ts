/** Topic filters, as MQTT 3.1.1 has them (4.7). */

/** Is the topic one of those that the filters ask for? */
export function isAmong(filters: readonly string[], topic: string): boolean {
  return filters.some((filter) => matches(withoutShare(filter).split('/'), topic.split('/')))
}

/** Of a shared subscription (`$share/group/filter`) its filter. */
function withoutShare(filter: string): string {
  return /^\$share\/[^/]+\/(.+)$/.exec(filter)?.[1] ?? filter
}

function matches(filter: readonly string[], topic: readonly string[]): boolean {
  // a wildcard at the beginning leaves out what the broker tells of itself
  if (topic[0]?.startsWith('$') && (filter[0] === '#' || filter[0] === '+')) return false
  for (const [index, level] of filter.entries()) {
    if (level === '#') return true
    if (index >= topic.length || (level !== '+' && level !== topic[index])) return false
  }
  return filter.length === topic.length
}
