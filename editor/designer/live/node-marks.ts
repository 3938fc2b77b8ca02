/** Signs at nodes: an error where it happened, the node that takes the time, and how long each takes when that is wanted. */
import type { MarkSource, NodeMark } from '../canvas/layers.ts'
import type { ActivityStore } from './activity-store.ts'
import type { useLiveFormats } from './format.ts'
import { liveSettings } from './settings.ts'
import type { useLiveText } from './text.ts'

/** A node that takes more than this of the runtime's one thread is worth a look. */
const HOT_SHARE = 0.1

export function marksOf(store: ActivityStore, text: ReturnType<typeof useLiveText>['mark'], format: ReturnType<typeof useLiveFormats>): MarkSource {
  return (id) => {
    const marks: NodeMark[] = []
    const error = store.errorOf(id)
    if (error)
      marks.push({
        kind: error.isCaught ? 'live-caught' : 'live-error',
        icon: 'circle-alert',
        ...(error.count > 1 ? { text: format.count(error.count) } : {}),
        title: (error.isCaught ? text.caught : text.error)(error.count, error.text),
      })
    const share = store.shareOf(id)
    if (share >= HOT_SHARE) {
      // in steps of five, so that it does not flicker
      const percent = format.percent(Math.round(share * 20) / 20)
      marks.push({ kind: 'live-hot', icon: 'gauge', text: percent, title: text.hot(percent) })
    }
    const latency = store.nodes.get(id)?.latency
    if (liveSettings().areTimesShown && latency) {
      const time = format.ms(latency.meanMs)
      marks.push({ kind: 'live-time', text: time, title: text.time(time) })
    }
    return marks.length > 0 ? marks : undefined
  }
}
