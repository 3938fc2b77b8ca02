/** The unit of lengths for what is drawn: as the shop has set it, or as it was when a dialog opened. */
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react'
import { watchShopDefaults } from './shop-defaults.ts'
import { useLanguage } from './text/index.ts'
import { type LengthUnit, shopUnit, type UnitFormats, unitFormats } from './units.ts'

const Kept = createContext<LengthUnit | undefined>(undefined)

export function useUnits(): UnitFormats {
  const kept = useContext(Kept)
  const now = useSyncExternalStore(watchShopDefaults, shopUnit)
  return unitFormats(kept ?? now, useLanguage())
}

/** Around a dialog that is typed into: whoever changes the setting meanwhile changes nothing of what stands there. */
export function KeepUnits({ children }: { children: ReactNode }) {
  const { unit } = useUnits()
  const [kept] = useState(unit)
  return <Kept value={kept}>{children}</Kept>
}

/** The same around a form of a page: from when somebody goes into it, since a page is there before it has heard what the shop has set. */
export function KeepUnitsOfForm({ children }: { children: ReactNode }) {
  const { unit } = useUnits()
  const [kept, keep] = useState<LengthUnit>()
  return (
    <div role="presentation" style={{ display: 'contents' }} onFocusCapture={() => keep((before) => before ?? unit)}>
      <Kept value={kept ?? unit}>{children}</Kept>
    </div>
  )
}
