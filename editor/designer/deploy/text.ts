/** The words of drafts, deploys, versions and other people, in the person's language. */
import { designerDeploy as de } from '../../shared/text/de/designer-deploy.ts'
import { designerDeploy as en } from '../../shared/text/en/designer-deploy.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useDeployText = catalogue(en, de)
export type DeployText = typeof en
