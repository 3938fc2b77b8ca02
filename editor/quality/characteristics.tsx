/** The section of characteristics: their list, one of them, a new one, a list to import, the causes and actions that people choose from. */
import { charPlace, charPlaceOf } from './address.ts'
import { CharacteristicPage } from './characteristic-page.tsx'
import { Catalogue } from './form/catalogue.tsx'
import { ImportList } from './form/import-list.tsx'
import { NewCharacteristic } from './form/new-characteristic.tsx'
import { CharacteristicsList } from './list/characteristics-list.tsx'
import { useCharacteristics } from './list/use-characteristics.ts'
import type { SectionProps } from './section.ts'

export function Characteristics({ place, go }: SectionProps) {
  const known = useCharacteristics()
  const at = charPlaceOf(place)
  switch (at.kind) {
    case 'list':
      return <CharacteristicsList known={known} go={go} />
    case 'new':
      return (
        <NewCharacteristic
          onDone={(made) => {
            known.refresh()
            go(charPlace(made.id))
          }}
          onBack={() => go('')}
        />
      )
    case 'import':
      return <ImportList onDone={known.refresh} onBack={() => go('')} />
    case 'catalogue':
      return <Catalogue onBack={() => go('')} />
    case 'one':
      return <CharacteristicPage key={at.id} {...at} known={known} go={go} />
    default:
      return at satisfies never
  }
}
