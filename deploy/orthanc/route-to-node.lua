-- Orthanc sends each stable MR series to the modality "lumbar-node". Load it with "LuaScripts": [".../route-to-node.lua"].
-- The results that come back (SEG, SR) are not MR and are not routed again; nor is anything that the node itself stored.
-- A series that was still arriving when Orthanc restarted gets no stable event: resend it, or let the node's own rules query.

local NODE_MODALITY = 'lumbar-node'

local function storedBy(instanceId)
  local found, title = pcall(RestApiGet, '/instances/' .. instanceId .. '/metadata/RemoteAET')
  return found and title or ''
end

local function titleOfNode()
  return ParseJson(RestApiGet('/modalities/' .. NODE_MODALITY .. '/configuration'))['AET']
end

function OnStableSeries(seriesId, tags, metadata)
  if tags['Modality'] ~= 'MR' then return end
  local instances = ParseJson(RestApiGet('/series/' .. seriesId))['Instances']
  if storedBy(instances[1]) == titleOfNode() then return end
  -- SendToModality() of Orthanc 1.10 takes instances only and sends nothing for a series; the REST call sends it whole, as a job.
  RestApiPost('/modalities/' .. NODE_MODALITY .. '/store',
              DumpJson({ Resources = { seriesId }, Asynchronous = true }))
end
