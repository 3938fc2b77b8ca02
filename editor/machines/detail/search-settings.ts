/** Which firmware settings a search shows. */
import type { FirmwareSetting } from '../../../server/api/motion.ts'

/** Every word must stand in the number (`$110`), the name or the unit. */
export function searchSettings(settings: readonly FirmwareSetting[], wanted: string): FirmwareSetting[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  return settings.filter((setting) => {
    const hay = `$${setting.number} ${setting.name ?? ''} ${setting.unit ?? ''}`.toLowerCase()
    return words.every((word) => hay.includes(word))
  })
}
