"""OData as data: queries read into typed trees, answers written as text; knows neither database nor HTTP."""
