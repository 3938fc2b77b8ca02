/** `/machines`: the machines, their set-up, settings and console. */
import { mountPage } from '../shared/theme.tsx'
import { MachinesPage } from './machines-page.tsx'

mountPage(<MachinesPage />)
