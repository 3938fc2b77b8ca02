/** Follows what the shop has set for all pages. */
import { useEffect } from 'react'
import type { Me } from '../../server/api/people.ts'
import { listSettings } from '../../server/api/settings.ts'
import { call } from './api.ts'
import { useLive } from './live.ts'
import { may } from './me.ts'
import { keepShopDefaults } from './shop-defaults.ts'

export function useShopDefaults(me: Me | undefined): void {
  const revision = useLive('settings', (_, change) => change, may(me, 'machines.view')).value?.revision
  useEffect(() => {
    if (revision === undefined) return
    call(listSettings).then(keepShopDefaults, () => {
      // what was heard last holds; a server that is away is told of by the frame
    })
  }, [revision])
}
