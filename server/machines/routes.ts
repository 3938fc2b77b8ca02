/** The routes of machines and programs, by subject. */

import type { RouteHandler } from '../http/handler.ts'
import { createActionsUnderWay } from './actions-under-way.ts'
import { controllerRoutes } from './controller-routes.ts'
import { createInterlockNews } from './interlock-news.ts'
import { machineSettingRoutes } from './machine-routes.ts'
import { motionRoutes } from './motion-routes.ts'
import { programRoutes } from './program-routes.ts'
import type { RouteParts } from './route-parts.ts'
import { stopRoutes } from './stop-routes.ts'
import { surveyRoutes } from './survey-routes.ts'

export function machineRoutes(given: Omit<RouteParts, 'interlockNews' | 'underWay'>): RouteHandler[] {
  const parts: RouteParts = { ...given, interlockNews: createInterlockNews(), underWay: createActionsUnderWay() }
  return [stopRoutes, motionRoutes, machineSettingRoutes, controllerRoutes, surveyRoutes, programRoutes].flatMap((routes) => routes(parts))
}
