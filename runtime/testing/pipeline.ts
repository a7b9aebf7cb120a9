import { groupNames, topicNames } from '../names.ts'

/** The pipeline of the stories, and what is called after it. */
export const pipeline = 'shop'
export const topics = topicNames(pipeline)
export const groups = groupNames(pipeline)
